"""Description of a household that needs shelter or housing, as referrals, candidacies and other messages
contain it."""

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
"""Two facts about compositions of SI-SIAO (the national software of the SIAO), by code: does the household
have two adults or more, and does it have children? A composition without an entry, such as a group, may have
any numbers of both."""


SEXES: dict[str, Sexe] = {"10": Sexe.M, "20": Sexe.F, "40": Sexe.F, "50": Sexe.M}
"""Sex of the single adult that an SI-SIAO composition implies, by the composition's code. Couples and groups
have no entry."""

GROUPES: dict[str, tuple[bool, bool]] = {"70": (True, False), "60": (True, True)}
"""Two facts about the SI-SIAO compositions of groups, as most people mean them, by code: does the group have
two adults or more, and does it have children?"""

AVEC_ENFANTS = tuple(code for code, (_, famille) in COUPLES_ET_FAMILLES.items() if famille)
"""Codes of the SI-SIAO compositions of households with children."""

VIOLENCES = "220"
"""Code of a motive of demands in SI-SIAO: violence in the family or by a partner."""


def flees(motif: str | None, victime_de_violences: bool | None) -> bool | None:
    """Return whether a household flees violence. This is so if `motif`, the motive of its demand, is domestic
    violence (`VIOLENCES`). With any other motive, return `victime_de_violences`, which is None if unknown."""
    return True if motif == VIOLENCES else victime_de_violences


MINEURS_SANS_ADULTE = ("80", "90")
"""Codes of the SI-SIAO compositions of minors without an adult."""


def compositions_of(adultes: int, enfants: int | None, sexe: Sexe | None) -> list[str]:
    """Return the SI-SIAO codes of the compositions that fit a household of `adultes` adults and `enfants`
    children. Return none if it has no adult. `enfants` is None if unknown. `sexe`: sex of a single adult;
    None if it is unknown, or if there are several adults."""
    return [
        code
        for code, (several, famille) in (COUPLES_ET_FAMILLES | GROUPES).items()
        if adultes > 0
        and several == (adultes > 1)
        and (enfants is None or famille == (enfants > 0))
        and sexe in (None, SEXES.get(code, sexe))
    ]


class AVerifier(StrEnum):
    """What the hub finds wrong or worrying in the description of a household: a minor without an adult, or a
    composition that contradicts the ages or sexes of the members."""

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
    """Household described by its composition and its numbers of adults and children, without naming anyone.
    Its `id` is random. It is also the name of the data key that seals those fields of the message that are
    above class C1."""

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
    """Household on a list for a collector. The description contains the household's numéro unique, but no
    name and no contact."""

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
    """What the hub has found wrong or worrying in this description at intake. It replaces whatever the sender
    writes here."""

    @property
    def protege(self) -> bool | None:
        """Return whether the household flees violence; None if this is unknown. If it does, only a referent
        may search for it."""
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
