"""Messages about the accompaniment of a household ready for housing or presented to a landlord."""

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
    """Base of all messages about one request for social work (accompaniment) for a household that is ready for
    housing, or presented to a landlord."""

    DOMAINE = "orientation"
    NATURE: ClassVar[Nature] = Nature.SUIVI
    SUJET: ClassVar[str] = "suivi"

    suivi: Annotated[UUID, Classe.C1]


class SuiviDemande(EvenementSuivi):
    """Message by which the SIAO requests that an operator accompany a household that is ready for housing, or
    presented to a landlord."""

    NOM = "suivi.demande"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    operateur: Annotated[Etablissement, Classe.C1]
    mesure: Annotated[MesureAccompagnement | None, Classe.C3] = None
    candidature: Annotated[UUID | None, Classe.C1] = None
    """Candidacy of the household. Its landlord is to learn of the accompaniment. The operator may not read
    this field."""


class SuiviRepondu(EvenementSuivi):
    """Message by which an operator answers whether it accompanies the household."""

    NOM = "suivi.repondu"

    accepte: Annotated[bool, Classe.C1]
    debut_le: Annotated[date | None, Classe.C1] = None


class SuiviSansContact(EvenementSuivi):
    """Message that the operator has not reached the household yet. The operator still has to answer."""

    NOM = "suivi.sans-contact"

    tente_le: Annotated[date | None, Classe.C1] = None


class SuiviRetire(EvenementSuivi):
    """Message by which the SIAO withdraws a request for accompaniment."""

    NOM = "suivi.retire"


class SuiviEcheance(EvenementSuivi, EcheanceAtteinte):
    """Message by which the hub says that a deadline about a request for accompaniment has reached a stage: a
    reminder, or its end."""

    DOMAINE = "echeance"
    NOM = "suivi.echeance"
