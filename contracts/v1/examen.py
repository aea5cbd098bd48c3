"""Messages about committees in which the SIAO sits, such as that of the département's plan for housing
disadvantaged people (PDALHPD). Each message is about one household on the agenda."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.v1.echeance import EcheanceAtteinte
from contracts.v1.menage import Menage


class Instance(StrEnum):
    """Kind of committee in which the SIAO sits, and whose agenda the State writes."""

    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    PDALHPD = "PDALHPD"


class EvenementExamen(Contrat):
    """Base of all messages about one household on the agenda of a committee."""

    DOMAINE = "attribution"
    NATURE: ClassVar[Nature] = Nature.EXAMEN
    SUJET: ClassVar[str] = "examen"

    examen: Annotated[UUID, Classe.C1]


class ExamenInscrit(EvenementExamen):
    """Message by which the State says that a committee will examine the case of a household on a given day."""

    NOM = "examen.inscrit"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    instance: Annotated[Instance, Classe.C1]
    seance_le: Annotated[date, Classe.C1]
    """Day of the meeting. The SIAO's opinion is expected before it."""


class ExamenAvis(EvenementExamen):
    """Message by which the SIAO gives the State its opinion on a household whose case a committee examines.
    The message may also go to the landlord to which the household is presented, and to the partners that have
    the household on their list of households ready for housing."""

    NOM = "examen.avis"

    favorable: Annotated[bool, Classe.C1]
    avis_le: Annotated[date, Classe.C1]
    menage: Annotated[UUID | None, Classe.C1] = None
    """Id of the household on the list of households ready for housing."""
    candidature: Annotated[UUID | None, Classe.C1] = None
    """Candidacy of the household, whose landlord also receives the opinion. If `menage` is not the household of
    this candidacy, nobody receives the opinion."""


class ExamenEcheance(EvenementExamen, EcheanceAtteinte):
    """Message by which the hub says that the deadline for the SIAO's opinion on a household has reached a
    stage: a reminder, or its end. The opinion is for a committee that is about to examine the household: the
    committee of an agreement on priority rehousing (accord collectif), or that of the département's plan for
    housing disadvantaged people (PDALHPD)."""

    DOMAINE = "echeance"
    NOM = "examen.echeance"
