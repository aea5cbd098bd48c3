"""Transfer of a demand to another SIAO: the answers to `demande.transferee` (duty C11).

The first SIAO is responsible until the second one accepts; from that event on, the second one alone is.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.privacy import Classe, DuHub
from contracts.v1.demande import IDENTIFIANT, EvenementDemande


class MotifRefusTransfert(StrEnum):
    """Reasons why a SIAO does not take a demand over ([choix])."""

    MENAGE_DEJA_CONNU = "MENAGE_DEJA_CONNU"
    SANS_LIEN_AVEC_LE_TERRITOIRE = "SANS_LIEN_AVEC_LE_TERRITOIRE"
    HORS_PERIMETRE = "HORS_PERIMETRE"
    DOSSIER_INCOMPLET = "DOSSIER_INCOMPLET"
    ORIENTATION_EN_COURS = "ORIENTATION_EN_COURS"
    ERREUR = "ERREUR"


class DemandeTransfertAccepte(EvenementDemande):
    """The second SIAO takes the demand over. It is responsible from this event on, and may read the household's
    identity."""

    NOM = "demande.transfert-accepte"


class DemandeTransfertRefuse(EvenementDemande):
    """The second SIAO does not take the demand over: it stays with the first."""

    NOM = "demande.transfert-refuse"

    motif: Annotated[MotifRefusTransfert, Classe.C1]


class DemandeTransfertRetire(EvenementDemande):
    """The proposal has ended without an answer: the first SIAO withdraws it, the demand has ended, or nobody
    answered in time."""

    NOM = "demande.transfert-retire"

    siao: Annotated[str | None, Classe.C1, DuHub.DIT, Field(pattern=IDENTIFIANT)] = None
    """SIAO to which the transfer was proposed. The hub fills it in: the first SIAO has only one open
    proposal."""
