"""Judge whether two households may be one. Each sign that they are has a weight in bits: the rarer it is
among strangers, the more bits. A person decides."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from math import log2
from typing import NamedTuple, TypeVar

from rapidfuzz.distance import OSA

from contracts.reference.graphie import words
from contracts.v1.pret_logement import IndiceDoublon
from ops.duplicates.names import likeness

K = TypeVar("K")
ENOUGH_BITS = 21.5
"""Minimum weight with which two households are proposed as one. About one in three million pairs of strangers
reaches it."""
ALIKE, NEAR = 0.94, 0.86
"""Minimum similarities of names, from 0 to 1. From `ALIKE` on, two names count as nearly equal; from `NEAR`
on, as equal but for a typing error."""


class Personne(NamedTuple):
    """Member of a household, as far as known."""

    noms: tuple[str, ...] = ()
    prenoms: tuple[str, ...] = ()
    naissance: date | None = None
    femme: bool | None = None

    @classmethod
    def of(
        cls, nom: str | None, prenom: str | None, naissance: date | None, femme: bool | None
    ) -> "Personne":
        return cls(words(nom or ""), words(prenom or ""), naissance, femme)


class Fiche(NamedTuple):
    """Fields of a household by which duplicates are found."""

    personnes: tuple[Personne, ...] = ()
    numero_unique: str | None = None
    telephone: str | None = None


class Verdict(NamedTuple):
    """Evidence that two households are one: its kinds (`indices`) and total weight (`bits`). With one more bit,
    half as many pairs of strangers look so alike by chance."""

    indices: tuple[IndiceDoublon, ...]
    bits: float

    @property
    def proposes(self) -> bool:
        """Return whether the evidence is strong enough to ask a person for a decision."""
        return self.bits >= ENOUGH_BITS


I = IndiceDoublon  # noqa: E741  a column of the tables below
DATES: tuple[tuple[IndiceDoublon, float], ...] = (
    (I.DATE_IDENTIQUE, 13.0),
    (I.DATE_INVERSEE, 11.0),
    (I.DATE_PROCHE, 6.5),
)
OTHER_DATE, OTHER_FIRST_NAME, OTHER_NAME, OTHER_NAME_OF_A_WOMAN, OTHER_SEX = -9.0, -8.0, -7.0, -1.0, -6.0
"""Weights, in bits, of what differs. Another last name counts less if neither person is known to be a man: it
may be a maiden or married name."""
SAME_FIRST_NAME, LIKE_FIRST_NAME, NEAR_FIRST_NAME = 8.0, 7.0, 3.5
SAME_NAME, LIKE_NAME, NEAR_NAME = 9.0, 7.5, 5.5
SWAPPED, SAME_NUMBER, SAME_TELEPHONE = -3.0, 22.0, 6.0
"""Weights, in bits, of swapped first and last names, an equal numéro unique, and an equal telephone number.
An equal numéro unique suffices."""
SAME_COMPOSITION, OTHER_COMPOSITION = 1.5, -2.5
A_MEMBER, MEMBER_ALIKE_BITS = 8.0, 14.0
"""Weights, in bits. `A_MEMBER` is added once if several pairs of members are similar. A pair of members is
similar from `MEMBER_ALIKE_BITS` on."""
NAMESAKE = {I.PRENOM_IDENTIQUE, I.NOM_IDENTIQUE}
A_NAMESAKE = 2.5
"""Bits taken from the weight of two households whose birth dates differ a little, because one other household
has the same first and last name: the name is common. With n such households, log2(1 + n) times as many bits
are taken."""
MEMBERS_COMPARED = 8


def proposals(one: Fiche, others: Mapping[K, Fiche]) -> dict[K, Verdict]:
    """Return the households among `others` that may be the same household as `one`, with the evidence. If many
    of `others` share the first and last name of `one` but little else, that name is common. Then birth dates
    that differ a little prove less."""
    judged = {which: compare(one, other) for which, other in others.items()}
    namesakes = sum({*verdict.indices} >= NAMESAKE for verdict in judged.values() if not verdict.proposes)
    doubt = A_NAMESAKE * log2(1 + namesakes)
    doubted = {
        which: verdict._replace(bits=verdict.bits - doubt) if I.DATE_PROCHE in verdict.indices else verdict
        for which, verdict in judged.items()
    }
    return {which: verdict for which, verdict in doubted.items() if verdict.proposes}


def compare(one: Fiche, other: Fiche) -> Verdict:
    """Compare two households, and return the evidence that they are one: its kinds, and its weight in bits.
    With one more bit, half as many pairs of strangers look so alike by chance. What differs between the two
    households lowers the weight, even below zero."""
    pairs = product(one.personnes[:MEMBERS_COMPARED], other.personnes[:MEMBERS_COMPARED])
    judged = sorted((_persons(p, q) for p, q in pairs), key=lambda verdict: -verdict.bits)
    best = judged[0] if judged else Verdict((), 0.0)
    found = list(_households(one, other))
    members = min(len(one.personnes), len(other.personnes)) - 1
    if sum(each.bits >= MEMBER_ALIKE_BITS for each in judged) > 1 and members > 0:
        found.append((I.AUTRE_MEMBRE, A_MEMBER))
    bits = best.bits + sum(weight for _, weight in found)
    if any(indice is I.NUMERO_UNIQUE for indice, _ in found):
        bits = max(bits, SAME_NUMBER)
    said = (*best.indices, *(indice for indice, weight in found if weight > 0))
    return Verdict(tuple(dict.fromkeys(said)), bits)


def _households(one: Fiche, other: Fiche) -> Iterator[tuple[IndiceDoublon, float]]:
    if one.numero_unique and one.numero_unique == other.numero_unique:
        yield I.NUMERO_UNIQUE, SAME_NUMBER
    if one.telephone and one.telephone == other.telephone:
        yield I.TELEPHONE, SAME_TELEPHONE
    if one.personnes and other.personnes:
        same = len(one.personnes) == len(other.personnes)
        yield I.COMPOSITION, SAME_COMPOSITION if same else OTHER_COMPOSITION


def _persons(one: Personne, other: Personne) -> Verdict:
    straight = _named(one, other)
    crossed = _named(one, other._replace(noms=other.prenoms, prenoms=other.noms))
    swapped = Verdict((I.NOM_ET_PRENOM_INVERSES, *crossed.indices), crossed.bits + SWAPPED)
    names = straight if straight.bits >= swapped.bits else swapped
    dates = _dates(one.naissance, other.naissance)
    against = OTHER_SEX if None not in (one.femme, other.femme) and one.femme is not other.femme else 0.0
    return Verdict((*dates.indices, *names.indices), dates.bits + names.bits + against)


def _named(one: Personne, other: Personne) -> Verdict:
    first, last = _first_names(one.prenoms, other.prenoms), _last_names(one, other)
    return Verdict((*first.indices, *last.indices), first.bits + last.bits)


def _first_names(one: tuple[str, ...], other: tuple[str, ...]) -> Verdict:
    if not one or not other:
        return NOTHING
    if one[0] == other[0] or set(one) == set(other):
        return Verdict((I.PRENOM_IDENTIQUE,), SAME_FIRST_NAME)
    degree = likeness(one, other)
    if degree >= ALIKE:
        return Verdict((I.PRENOM_PROCHE,), LIKE_FIRST_NAME)
    return Verdict((I.PRENOM_PROCHE,), NEAR_FIRST_NAME) if degree >= NEAR else Verdict((), OTHER_FIRST_NAME)


def _last_names(one: Personne, other: Personne) -> Verdict:
    if not one.noms or not other.noms:
        return NOTHING
    degree = likeness(one.noms, other.noms)
    if degree >= ALIKE:
        same = degree == 1.0
        return Verdict((I.NOM_IDENTIQUE if same else I.NOM_PROCHE,), SAME_NAME if same else LIKE_NAME)
    if degree >= NEAR:
        return Verdict((I.NOM_PROCHE,), NEAR_NAME)
    changes = one.femme is not False and other.femme is not False
    return Verdict((I.NOM_DIFFERENT,), OTHER_NAME_OF_A_WOMAN if changes else OTHER_NAME)


def _dates(one: date | None, other: date | None) -> Verdict:
    if one is None or other is None:
        return NOTHING
    how = (one == other, _swapped(one) == other, _near(one, other))
    found = next((each for each, holds in zip(DATES, how, strict=True) if holds), None)
    return Verdict((found[0],), found[1]) if found else Verdict((), OTHER_DATE)


def _swapped(day: date) -> date | None:
    return day.replace(month=day.day, day=day.month) if day.day <= MONTHS else None


def _near(one: date, other: date) -> bool:
    """Return whether two birth dates may be the same date: one may have a typing error, or an unknown day
    written as the 1st."""
    month_alone = (one.year, one.month) == (other.year, other.month) and 1 in (one.day, other.day)
    return month_alone or OSA.distance(f"{one:%d%m%Y}", f"{other:%d%m%Y}") <= 1


MONTHS = 12
NOTHING = Verdict((), 0.0)
