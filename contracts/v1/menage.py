"""Household that needs shelter or housing, with what a referral or candidacy needs."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import Field, model_validator

from contracts.base import Incoherence, Modele, Nombre, Personnes, Selon
from contracts.privacy import Classe
from contracts.reference.codes import (
    CompositionCode,
    DroitSejour,
    MesureAccompagnement,
    MotifDemande,
    Sexe,
    SituationDemande,
    TrancheAge,
)
from contracts.reference.identifiants import NumeroUnique

COUPLES_ET_FAMILLES: dict[str, tuple[bool, bool]] = {
    "10": (False, False),
    "20": (False, False),
    "30": (True, False),
    "40": (False, True),
    "50": (False, True),
    "100": (True, True),
}
"""Two facts about each SI-SIAO composition: has it two adults or more, has it children? A group may have any
numbers."""


SEXES: dict[str, Sexe] = {"10": Sexe.M, "20": Sexe.F, "40": Sexe.F, "50": Sexe.M}
"""Sex of the adults that a composition implies, by its SI-SIAO code. Couples and groups have no entry."""

GROUPES: dict[str, tuple[bool, bool]] = {"70": (True, False), "60": (True, True)}
"""Two facts about each composition of a group, as most people mean it: has it two adults or more, has it
children?"""

AVEC_ENFANTS = tuple(code for code, (_, famille) in COUPLES_ET_FAMILLES.items() if famille)
"""SI-SIAO compositions of a household with children."""

VIOLENCES = "220"
"""SI-SIAO motive of a demand: violence in the family or by a partner."""


def flees(motif: str | None, victime_de_violences: bool | None) -> bool | None:
    """Return whether a household flees violence: True if `motif`, the motive of its demand, is domestic
    violence (`VIOLENCES`); else the value of `victime_de_violences`, None if unknown."""
    return True if motif == VIOLENCES else victime_de_violences


MINEURS_SANS_ADULTE = ("80", "90")
"""SI-SIAO compositions of minors without an adult."""


def compositions_of(adultes: int, enfants: int | None, sexe: Sexe | None) -> list[str]:
    """Return the SI-SIAO codes of the compositions that fit these numbers; none without an adult. `enfants` is
    None if unknown. `sexe` is that of a single adult, else None."""
    return [
        code
        for code, (several, famille) in (COUPLES_ET_FAMILLES | GROUPES).items()
        if adultes > 0
        and several == (adultes > 1)
        and (enfants is None or famille == (enfants > 0))
        and sexe in (None, SEXES.get(code, sexe))
    ]


class AVerifier(StrEnum):
    """Reason to doubt the description of a household, found by comparing the ages and sexes of its members."""

    MINEUR_SEUL = "MINEUR_SEUL"
    AGES_ET_COMPOSITION = "AGES_ET_COMPOSITION"
    SEXES_ET_COMPOSITION = "SEXES_ET_COMPOSITION"


class Personne(Modele):
    """Member of a household."""

    nom: Annotated[str | None, Classe.C2, Field(max_length=100)] = None
    prenom: Annotated[str | None, Classe.C2, Field(max_length=100)] = None
    date_naissance: Annotated[date | None, Classe.C2] = None
    sexe: Annotated[Sexe | None, Classe.C1] = None
    tranche_age: Annotated[TrancheAge | None, Classe.C1] = None


class MenageCompte(Modele):
    """Household described by its composition and its numbers of adults and children, without naming anyone. Its
    `id` is random, and names the data key that seals the fields of the message above class C1."""

    SELON: ClassVar[Selon] = {"enfants": ("composition", AVEC_ENFANTS)}

    id: Annotated[UUID, Classe.C1]
    composition: Annotated[CompositionCode, Classe.C1]
    adultes: Annotated[Personnes, Classe.C1]
    enfants: Annotated[Personnes, Classe.C1] = 0

    @model_validator(mode="after")
    def _composition_agrees(self) -> Self:
        if self.adultes == 0 and (self.composition not in MINEURS_SANS_ADULTE or self.enfants == 0):
            raise Incoherence(
                "un ménage compte un adulte au moins, sauf un mineur isolé ou des mineurs en groupe : corrigez le "
                "nombre, ou la composition",
                "adultes",
                "composition",
            )
        couple, famille = COUPLES_ET_FAMILLES.get(self.composition, (self.adultes > 1, self.enfants > 0))
        if (self.adultes > 1) != couple or (self.enfants > 0) != famille:
            raise Incoherence(
                "la composition ne va pas avec le nombre d'adultes et d'enfants : corrigez l'une ou les autres",
                "composition",
                "adultes",
                "enfants",
            )
        return self


class MenageSurListe(MenageCompte):
    """Household on a list for a collector. It has its numéro unique, but no name and no contact."""

    numero_unique: Annotated[NumeroUnique | None, Classe.C2] = None


class Menage(MenageCompte):
    """Household with its composition, its members and its situation."""

    personnes: Annotated[tuple[Personne, ...], Field(max_length=200)] = ()
    telephone: Annotated[str | None, Classe.C2, Field(pattern=r"^\+?[0-9 .]{6,20}$")] = None
    numero_unique: Annotated[NumeroUnique | None, Classe.C2] = None
    situation: Annotated[SituationDemande | None, Classe.C3] = None
    motif: Annotated[MotifDemande | None, Classe.C3] = None
    droit_sejour: Annotated[DroitSejour | None, Classe.C3] = None
    ressources_mensuelles_euros: Annotated[Nombre | None, Classe.C3] = None
    accompagnement: Annotated[MesureAccompagnement | None, Classe.C3] = None
    victime_de_violences: Annotated[bool | None, Classe.C4] = None
    a_verifier: Annotated[tuple[AVerifier, ...] | None, Classe.C1] = None
    """Doubts of the hub at intake, whatever the sender writes here."""

    @property
    def protege(self) -> bool | None:
        """Return whether the household flees violence, so that only a referent may search for it; None if this
        is unknown."""
        return flees(self.motif, self.victime_de_violences)

    @model_validator(mode="after")
    def _all_are_listed(self) -> Self:
        if self.personnes and len(self.personnes) != self.adultes + self.enfants:
            raise Incoherence(
                "la liste compte autant de personnes que adultes + enfants : complétez-la, ou corrigez les nombres",
                "personnes",
                "adultes",
                "enfants",
            )
        return self
