"""The national base of social observation (BDOS): pseudonymous records out, published indicators in (duty C12)."""

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
"""Smaller cells could be recognised, and are never published."""


class Etape(StrEnum):
    """Where a pathway stands ([choix])."""

    DEMANDE = "DEMANDE"
    ORIENTATION = "ORIENTATION"
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
    """One step of one pathway; the pseudonym is stable, and no birth date or code of violence is in it."""

    NOM = "observation.enregistrement"

    pseudonyme: Annotated[UUID, Classe.C1]
    etape: Annotated[Etape, Classe.C1]
    le: Annotated[date, Classe.C1]
    composition: Annotated[CompositionCode, Classe.C1]
    tranche_age: Annotated[TrancheAge | None, Classe.C1] = None
    dispositif: Annotated[Dispositif | None, Classe.C1] = None


class ObservationIndicateur(EvenementObservation):
    """A published figure."""

    NOM = "observation.indicateur"

    indicateur: Annotated[str, Classe.C1, Field(pattern=r"^[A-Z0-9_]{2,60}$")]
    du: Annotated[date, Classe.C1]
    au: Annotated[date, Classe.C1]
    valeur: Annotated[int, Classe.C1, Field(ge=SMALLEST_PUBLISHED)]
