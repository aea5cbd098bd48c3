"""Statement of each structure for one month (duties C2 and C15): four figures, each with the events behind it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from ops.service.level import Loop, Service, service_of

MONTHS_FROM_RECEIPT = 3
"""Longest time, in months, from the receipt of a referral to its admission."""


def month_of(moment: datetime) -> str:
    """Return the month of a moment, in UTC: « 2026-11 »."""
    return f"{moment:%Y-%m}"


def months_before(month: str) -> list[str]:
    """Return the months, earliest first, in which a referral that led to an admission in this month may have been
    received."""
    first = date.fromisoformat(f"{month}-01")
    last = first.year * 12 + first.month - 1
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(last - MONTHS_FROM_RECEIPT, last + 1)]


class Figure(StrEnum):
    """Figures of a statement that count events, in French."""

    PAR_LE_SIAO = "admissions par le SIAO"
    SANS_LE_SIAO = "admissions sans le SIAO"
    PLACES = "places déclarées"
    A_TEMPS = "réponses à temps"
    EN_RETARD = "réponses en retard"


class Titre(StrEnum):
    """Title of an admission without the SIAO, in French."""

    DONNE = "sous un titre"
    ATTENDU = "titre attendu"
    AUCUN = "sans titre"


class Fact(NamedTuple):
    """Place, admission or answer that a figure counts, and the event by which the hub knows of it."""

    partner: str
    structure: str | None
    figure: Figure
    subject: UUID
    """The place, the referral that led to the admission, or the referral that was answered; for an admission without
    the SIAO, the place."""
    event: UUID | None
    """Event that said so; None once the log no longer has it, and for an answer that never came."""
    message: UUID | None
    """Message that contained that event: its sender may ask for the receipt."""
    time: datetime
    """Moment of the event; for an answer that never came, the moment by which it was due."""
    has_receipt: bool
    titre: Titre | None = None


Key = tuple[str, str | None]
"""Pair of a partner and a structure; the structure is None if its address is secret."""


class Statement(NamedTuple):
    """Monthly statement (relevé) of one structure: its places, its admissions, and its answers to referrals."""

    partner: str
    structure: str | None
    places: int
    facts: tuple[Fact, ...]
    answers: Service

    def number(self, figure: Figure) -> int:
        """Return how many admissions a figure counts."""
        return sum(fact.figure is figure for fact in self.facts)

    def titled(self, titre: Titre) -> int:
        """Return how many admissions without the SIAO have this title."""
        return sum(fact.titre is titre for fact in self.facts)


def figured(loops: Iterable[Loop], now: datetime) -> Mapping[Loop, Figure]:
    """Return under which figure each referral counts whose answer has come, or should have."""
    judged = (loop for loop in loops if loop.is_judged(now))
    return {loop: Figure.A_TEMPS if loop.is_in_time() else Figure.EN_RETARD for loop in judged}


def statements(
    places: Mapping[Key, int], facts: Iterable[Fact], loops: Iterable[Loop], now: datetime
) -> Sequence[Statement]:
    """Return one statement for each structure with places, admissions or answers, by manager."""
    by_fact: dict[Key, list[Fact]] = {}
    by_loop: dict[Key, list[Loop]] = {}
    for fact in facts:
        by_fact.setdefault((fact.partner, fact.structure), []).append(fact)
    for loop in loops:
        by_loop.setdefault((loop.partner, loop.structure), []).append(loop)
    return [
        Statement(
            *key, places.get(key, 0), tuple(by_fact.get(key, ())), service_of(by_loop.get(key, ()), now)
        )
        for key in sorted({*places, *by_fact, *by_loop}, key=lambda key: (key[0], key[1] or ""))
    ]
