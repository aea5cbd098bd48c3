"""National base of social observation (BDOS): the hub sends pseudonymous records, and receives published
indicators (duty C12)."""

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
"""Smallest figure that may be published: behind a smaller one, people could be recognised."""


class Etape(StrEnum):
    """Steps of a pathway ([choix])."""

    DEMANDE = "DEMANDE"
    ORIENTATION = "ORIENTATION"
    ACCEPTATION = "ACCEPTATION"
    REFUS_STRUCTURE = "REFUS_STRUCTURE"
    REFUS_PERSONNE = "REFUS_PERSONNE"
    ENTREE = "ENTREE"
    SORTIE = "SORTIE"
    RELOGEMENT = "RELOGEMENT"


class EvenementObservation(Contrat):
    """Any record or figure of the observation."""

    DOMAINE = "observation"
    NATURE: ClassVar[Nature] = Nature.OBSERVATION
    SUJET: ClassVar[str] = "observation"

    observation: Annotated[UUID, Classe.C1]
    departement: Annotated[CodeDepartement, Classe.C1]


class ObservationEnregistrement(EvenementObservation):
    """One step of one pathway, without birth date, structure or code of violence.

    The pseudonym of a household is always the same. The ids identify nobody: they cannot be computed without
    the household's id in the hub.
    """

    NOM = "observation.enregistrement"

    pseudonyme: Annotated[UUID, Classe.C1]
    etape: Annotated[Etape, Classe.C1]
    le: Annotated[date, Classe.C1]
    composition: Annotated[CompositionCode | None, Classe.C1] = None
    """Composition of the household, if the message of this step describes it."""
    tranche_age: Annotated[TrancheAge | None, Classe.C1] = None
    """Age band of the first adult, if the message of this step describes the household."""
    dispositif: Annotated[Dispositif | None, Classe.C1] = None
    code_demande: Annotated[UUID | None, Classe.C1] = None
    """Code that all steps of one demand share; None if no demand is known."""
    code_orientation: Annotated[UUID | None, Classe.C1] = None
    """A code that all steps of one referral share."""
    admission_directe: Annotated[bool, Classe.C1] = False
    """Whether the household was admitted without the SIAO (duty C2)."""


class ObservationIndicateur(EvenementObservation):
    """A published figure."""

    NOM = "observation.indicateur"

    indicateur: Annotated[str, Classe.C1, Field(pattern=r"^[A-Z0-9_]{2,60}$")]
    du: Annotated[date, Classe.C1]
    au: Annotated[date, Classe.C1]
    valeur: Annotated[int, Classe.C1, Field(ge=SMALLEST_PUBLISHED)]
