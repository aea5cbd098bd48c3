"""Accompaniment asked for a household itself, whether it is ready for housing or already presented to a landlord (duty
C10)."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.reference.codes import MesureAccompagnement
from contracts.reference.identifiants import Etablissement
from contracts.v1.echeance import EcheanceAtteinte
from contracts.v1.menage import Menage


class EvenementSuivi(Contrat):
    """Any event of one accompaniment that is asked for a household."""

    DOMAINE = "orientation"
    NATURE: ClassVar[Nature] = Nature.SUIVI
    SUJET: ClassVar[str] = "suivi"

    suivi: Annotated[UUID, Classe.C1]


class SuiviDemande(EvenementSuivi):
    """The SIAO asks an operator to accompany a household."""

    NOM = "suivi.demande"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    operateur: Annotated[Etablissement, Classe.C1]
    """SIRET or FINESS of the operator asked."""
    mesure: Annotated[MesureAccompagnement | None, Classe.C3] = None
    candidature: Annotated[UUID | None, Classe.C1] = None
    """Candidacy whose landlord is notified, for a household that is not on the list. The operator does not read it."""


class SuiviRepondu(EvenementSuivi):
    """The operator accompanies the household, or does not."""

    NOM = "suivi.repondu"

    accepte: Annotated[bool, Classe.C1]
    debut_le: Annotated[date | None, Classe.C1] = None


class SuiviSansContact(EvenementSuivi):
    """The operator has not reached the household yet. That is not a refusal: its answer is still expected."""

    NOM = "suivi.sans-contact"

    tente_le: Annotated[date | None, Classe.C1] = None
    """Day on which the operator last tried."""


class SuiviRetire(EvenementSuivi):
    """The SIAO no longer asks the operator to accompany the household."""

    NOM = "suivi.retire"


class SuiviEcheance(EvenementSuivi, EcheanceAtteinte):
    """An accompaniment that is asked has reached a stage of one of its deadlines."""

    DOMAINE = "echeance"
    NOM = "suivi.echeance"
