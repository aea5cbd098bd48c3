"""Messages that answer `demande.transferee`, the proposal to transfer a demand to another SIAO."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.privacy import Classe, DuHub
from contracts.v1.demande import IDENTIFIANT, EvenementDemande


class MotifRefusTransfert(StrEnum):
    """Reason why a SIAO refuses to take over a demand."""

    MENAGE_DEJA_CONNU = "MENAGE_DEJA_CONNU"
    SANS_LIEN_AVEC_LE_TERRITOIRE = "SANS_LIEN_AVEC_LE_TERRITOIRE"
    HORS_PERIMETRE = "HORS_PERIMETRE"
    DOSSIER_INCOMPLET = "DOSSIER_INCOMPLET"
    ORIENTATION_EN_COURS = "ORIENTATION_EN_COURS"
    ERREUR = "ERREUR"


class DemandeTransfertAccepte(EvenementDemande):
    """Message by which a SIAO accepts a proposed transfer. From then on, this SIAO is responsible for the
    demand, and may read who the household's members are."""

    NOM = "demande.transfert-accepte"


class DemandeTransfertRefuse(EvenementDemande):
    """Message by which a SIAO refuses a proposed transfer. The demand stays with the SIAO that proposed it."""

    NOM = "demande.transfert-refuse"

    motif: Annotated[MotifRefusTransfert, Classe.C1]


class DemandeTransfertRetire(EvenementDemande):
    """Message that ends an unanswered proposal to transfer a demand. Either the proposal is withdrawn, or the
    time to answer is over, or the demand has ended."""

    NOM = "demande.transfert-retire"

    siao: Annotated[str | None, Classe.C1, DuHub.DIT, Field(pattern=IDENTIFIANT)] = None
    """SIAO to which the transfer was proposed, filled in by the hub."""
