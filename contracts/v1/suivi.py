"""Messages about the accompaniment of a household that is ready for housing or presented to a landlord."""

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
    """Base of all messages about one accompaniment of a household."""

    DOMAINE = "orientation"
    NATURE: ClassVar[Nature] = Nature.SUIVI
    SUJET: ClassVar[str] = "suivi"

    suivi: Annotated[UUID, Classe.C1]


class SuiviDemande(EvenementSuivi):
    """Request of the SIAO that an operator accompany a household."""

    NOM = "suivi.demande"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    operateur: Annotated[Etablissement, Classe.C1]
    """SIRET or FINESS of the operator that is asked to accompany the household."""
    mesure: Annotated[MesureAccompagnement | None, Classe.C3] = None
    candidature: Annotated[UUID | None, Classe.C1] = None
    """Candidacy of the household. This field is given if the landlord of the candidacy is to be notified of the
    request. The operator may not read this field."""


class SuiviRepondu(EvenementSuivi):
    """Answer of an operator to a request for accompaniment."""

    NOM = "suivi.repondu"

    accepte: Annotated[bool, Classe.C1]
    debut_le: Annotated[date | None, Classe.C1] = None


class SuiviSansContact(EvenementSuivi):
    """Message that the operator has not reached the household yet. The operator's answer is still expected."""

    NOM = "suivi.sans-contact"

    tente_le: Annotated[date | None, Classe.C1] = None
    """Day on which the operator last tried to reach the household."""


class SuiviRetire(EvenementSuivi):
    """Message that the SIAO withdraws a request for accompaniment."""

    NOM = "suivi.retire"


class SuiviEcheance(EvenementSuivi, EcheanceAtteinte):
    """Message about a stage of a deadline of a request for accompaniment: a reminder is due, or the time is
    over."""

    DOMAINE = "echeance"
    NOM = "suivi.echeance"
