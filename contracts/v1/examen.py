"""Messages about committees in which the SIAO sits (PDALHPD), one for each household on the agenda."""

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
    """Message by which the SIAO gives the State its opinion on a household whose case a committee examines. The
    landlord to which the household is presented, and the partners that have it on their list, also receive the
    message."""

    NOM = "examen.avis"

    favorable: Annotated[bool, Classe.C1]
    avis_le: Annotated[date, Classe.C1]
    menage: Annotated[UUID | None, Classe.C1] = None
    """Household, by its id on the list."""
    candidature: Annotated[UUID | None, Classe.C1] = None
    """Candidacy whose landlord receives the opinion. Only together with `menage`."""


class ExamenEcheance(EvenementExamen, EcheanceAtteinte):
    """Message by which the hub says that a stage has come of the time in which the SIAO gives its opinion on a
    household, before a committee examines it. The committee is that of an agreement on priority rehousing
    (accord collectif), or of the département's plan for housing disadvantaged people (PDALHPD). The SIAO sits
    in it."""

    DOMAINE = "echeance"
    NOM = "examen.echeance"
