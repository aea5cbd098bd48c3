"""Messages exchanged with the national base of social observation (BDOS). The hub sends pseudonymous records
to the base, and receives the figures that the base publishes."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from contracts.base import Contrat, Nature
from contracts.privacy import Classe
from contracts.reference.codes import CompositionCode, Dispositif, TrancheAge
from contracts.reference.identifiants import CodeDepartement

SMALLEST_PUBLISHED = 11
"""Smallest figure that may be published. A smaller one could reveal who is counted."""


class Etape(StrEnum):
    """Step that a household takes on its way from a demand to shelter or housing, as the national base of
    social observation counts it."""

    DEMANDE = "DEMANDE"
    ORIENTATION = "ORIENTATION"
    ACCEPTATION = "ACCEPTATION"
    REFUS_STRUCTURE = "REFUS_STRUCTURE"
    REFUS_PERSONNE = "REFUS_PERSONNE"
    ENTREE = "ENTREE"
    SORTIE = "SORTIE"
    RELOGEMENT = "RELOGEMENT"


class EvenementObservation(Contrat):
    """Base of all messages to and from the national base of social observation (BDOS). The hub sends to this
    base the steps of households on their way to housing, and receives from it the published figures."""

    DOMAINE = "observation"
    NATURE: ClassVar[Nature] = Nature.OBSERVATION
    SUJET: ClassVar[str] = "observation"

    observation: Annotated[UUID, Classe.C1]
    departement: Annotated[CodeDepartement, Classe.C1]


class ObservationEnregistrement(EvenementObservation):
    """Message to the national base of social observation (BDOS) that a household has taken one step on its way
    to housing, such as a demand, a referral or an arrival. All messages about a household have the same
    pseudonym. None has a date of birth, a structure, or a code that tells of violence."""

    NOM = "observation.enregistrement"

    pseudonyme: Annotated[UUID, Classe.C1]
    etape: Annotated[Etape, Classe.C1]
    le: Annotated[date, Classe.C1]
    composition: Annotated[CompositionCode | None, Classe.C1] = None
    tranche_age: Annotated[TrancheAge | None, Classe.C1] = None
    """Age band of the first adult."""
    dispositif: Annotated[Dispositif | None, Classe.C1] = None
    code_demande: Annotated[UUID | None, Classe.C1] = None
    """Code shared by all steps of one demand, if the step has one."""
    code_orientation: Annotated[UUID | None, Classe.C1] = None
    """Code shared by all steps of one referral, if the step has one."""
    admission_directe: Annotated[bool, Classe.C1] = False


class ObservationIndicateur(EvenementObservation):
    """Message with one published figure of the social observation, for the days from `du` to `au`."""

    NOM = "observation.indicateur"

    indicateur: Annotated[str, Classe.C1, Field(pattern=r"^[A-Z0-9_]{2,60}$")]
    du: Annotated[date, Classe.C1]
    au: Annotated[date, Classe.C1]
    valeur: Annotated[int, Classe.C1, Field(ge=SMALLEST_PUBLISHED)]
