"""Monthly statement (relevé) of a structure: its figures, and the events behind each figure. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from ops.service.level import Loop, Service, service_of

MONTHS_FROM_RECEIPT = 3
"""Longest time, in months, for which a statement looks back from an admission to the receipt of its referral."""


def month_of(moment: datetime) -> str:
    """Return the month of a moment: « 2026-11 »."""
    return f"{moment:%Y-%m}"


def months_before(month: str) -> list[str]:
    """Return the months, such as « 2026-11 », in which the referrals behind an admission in `month` may have
    been received; earliest first."""
    first = date.fromisoformat(f"{month}-01")
    last = first.year * 12 + first.month - 1
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(last - MONTHS_FROM_RECEIPT, last + 1)]


class Figure(StrEnum):
    """Kind of figure in a structure's statement. The value is the French label of the figure."""

    PAR_LE_SIAO = "admissions par le SIAO"
    SANS_LE_SIAO = "admissions sans le SIAO"
    PLACES = "places déclarées"
    A_TEMPS = "réponses à temps"
    EN_RETARD = "réponses en retard"


class Titre(StrEnum):
    """Reason for an admission without the SIAO: given, still awaited, or missing. The value is its French
    label."""

    DONNE = "sous un titre"
    ATTENDU = "titre attendu"
    AUCUN = "sans titre"


class Fact(NamedTuple):
    """Place, admission or answer that a figure of the monthly statement counts, with the event that proves
    it."""

    partner: str
    structure: str | None
    figure: Figure
    subject: UUID
    """For an admission through the SIAO, and for an answer: id of the referral. For a place, and for an
    admission without the SIAO: id of the place."""
    event: UUID | None
    """Event that proves the fact. None if it is no longer in the log, or if the fact is a missing answer."""
    message: UUID | None
    """Message that contains the event. Its sender may ask for a receipt."""
    time: datetime
    """Moment of the event; for a missing answer, the moment at which it was due."""
    has_receipt: bool
    titre: Titre | None = None


Key = tuple[str, str | None]
"""Partner, and structure. The structure is None if its address is secret."""


class Statement(NamedTuple):
    """Monthly statement (relevé) of one structure: places, admissions, and answers to referrals."""

    partner: str
    structure: str | None
    places: int
    facts: tuple[Fact, ...]
    answers: Service

    def number(self, figure: Figure) -> int:
        """Return the number that a figure of the statement shows. It is the number of places, admissions or
        answers that the figure counts."""
        return sum(fact.figure is figure for fact in self.facts)

    def titled(self, titre: Titre) -> int:
        """Return the number of admissions without the SIAO whose reason is in the state `titre`: given, still
        awaited or missing."""
        return sum(fact.titre is titre for fact in self.facts)


def figured(loops: Iterable[Loop], now: datetime) -> Mapping[Loop, Figure]:
    """Return, for each referral that can already be judged, the figure of the statement in which it counts:
    answered in time, or late. Open referrals before their due date are left out."""
    judged = (loop for loop in loops if loop.is_judged(now))
    return {loop: Figure.A_TEMPS if loop.is_in_time() else Figure.EN_RETARD for loop in judged}


def statements(
    places: Mapping[Key, int], facts: Iterable[Fact], loops: Iterable[Loop], now: datetime
) -> Sequence[Statement]:
    """Return a statement for each structure that has places, admissions or answers, sorted by manager, then
    by structure."""
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
