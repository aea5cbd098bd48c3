"""Bodies in which the SIAO sits: those of collective agreements, and those that examine complex cases under the
département's plan (PDALHPD). One message puts one household on an agenda (duty C7)."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.v1.echeance import EcheanceAtteinte
from contracts.v1.menage import Menage


class Instance(StrEnum):
    """Bodies in which the SIAO sits."""

    ACCORD_COLLECTIF = "ACCORD_COLLECTIF"
    PDALHPD = "PDALHPD"


class EvenementExamen(Contrat):
    """Any event of one household on the agenda of a body."""

    DOMAINE = "attribution"
    NATURE: ClassVar[Nature] = Nature.EXAMEN
    SUJET: ClassVar[str] = "examen"

    examen: Annotated[UUID, Classe.C1]


class ExamenInscrit(EvenementExamen):
    """The State, which keeps the agenda, tells the SIAO which household a body will examine, and when."""

    NOM = "examen.inscrit"
    OBLIGATOIRES: ClassVar[tuple[str, ...]] = ("menage.personnes",)

    menage: Menage
    instance: Annotated[Instance, Classe.C1]
    seance_le: Annotated[date, Classe.C1]
    """Day of the meeting. The SIAO's opinion is expected before."""


class ExamenAvis(EvenementExamen):
    """The SIAO gives its opinion on a household. The landlord to which it is presented and the readers of the list
    learn it too."""

    NOM = "examen.avis"

    favorable: Annotated[bool, Classe.C1]
    avis_le: Annotated[date, Classe.C1]
    menage: Annotated[UUID | None, Classe.C1] = None
    """The SIAO's own household. The landlord and the readers of the list know the household by this id."""
    candidature: Annotated[UUID | None, Classe.C1] = None
    """Candidacy of the household, whose landlord learns the opinion. `menage` must be given too, because the
    landlord knows the household by it."""


class ExamenEcheance(EvenementExamen, EcheanceAtteinte):
    """A household on an agenda has reached a stage of one of its deadlines."""

    DOMAINE = "echeance"
    NOM = "examen.echeance"
