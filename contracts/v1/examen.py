"""Messages about committees in which the SIAO sits, such as those for complex cases (PDALHPD). Each message is
about one household on the agenda of a committee."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.v1.echeance import EcheanceAtteinte
from contracts.v1.menage import Menage


class Instance(StrEnum):
    """Kind of committee. The State puts households on the committee's agenda, and the SIAO sits in the
    committee."""

    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    PDALHPD = "PDALHPD"


class EvenementExamen(Contrat):
    """Base of all messages about one household on the agenda of a committee."""

    DOMAINE = "attribution"
    NATURE: ClassVar[Nature] = Nature.EXAMEN
    SUJET: ClassVar[str] = "examen"

    examen: Annotated[UUID, Classe.C1]


class ExamenInscrit(EvenementExamen):
    """Message of the State that a committee will examine the case of a household on a given day."""

    NOM = "examen.inscrit"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    instance: Annotated[Instance, Classe.C1]
    seance_le: Annotated[date, Classe.C1]
    """Day on which the committee meets. The SIAO's opinion is expected before this day."""


class ExamenAvis(EvenementExamen):
    """Opinion of the SIAO on a household whose case a committee examines. The opinion also goes to the landlord
    of the household's candidacy, and to partners that receive the list of households ready for housing."""

    NOM = "examen.avis"

    favorable: Annotated[bool, Classe.C1]
    avis_le: Annotated[date, Classe.C1]
    menage: Annotated[UUID | None, Classe.C1] = None
    """Household, cited by its id on the list of households ready for housing."""
    candidature: Annotated[UUID | None, Classe.C1] = None
    """Candidacy of the household. The landlord of the candidacy then receives the opinion. If this field is
    given, `menage` must be given too."""


class ExamenEcheance(EvenementExamen, EcheanceAtteinte):
    """Message about a stage of a deadline of a household that a committee is going to examine: a reminder is
    due, or the time is over."""

    DOMAINE = "echeance"
    NOM = "examen.echeance"
