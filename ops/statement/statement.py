"""Put together the monthly statement (relevé) of a structure: figures, and the events that prove them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from ops.service.level import Loop, Service, service_of

MONTHS_FROM_RECEIPT = 24
"""The number of months before an admission's month in which a statement looks for the receipt of the
referral. It is high because a household may wait on a list for as long as the hub remembers it."""


def month_of(moment: datetime) -> str:
    """Return the month of a moment: « 2026-11 »."""
    return f"{moment:%Y-%m}"


def months_before(month: str) -> list[str]:
    """Return the months in which a partner may have received a referral that led to an admission in `month`.
    These are the `MONTHS_FROM_RECEIPT` months before `month`, then `month` itself. Months are written
    « 2026-11 »."""
    first = date.fromisoformat(f"{month}-01")
    last = first.year * 12 + first.month - 1
    return [f"{at // 12}-{at % 12 + 1:02d}" for at in range(last - MONTHS_FROM_RECEIPT, last + 1)]


class Figure(StrEnum):
    """A kind of number in a statement. The value of each member is its French label."""

    PAR_LE_SIAO = "admissions par le SIAO"
    SANS_LE_SIAO = "admissions sans le SIAO"
    PLACES = "places déclarées"
    A_TEMPS = "réponses à temps"
    EN_RETARD = "réponses en retard"


class Titre(StrEnum):
    """What became of the reason (`titre`) for an admission without the SIAO: it is given, or still awaited
    because there is time left to give it, or missing. The values are French labels."""

    DONNE = "sous un titre"
    ATTENDU = "titre attendu"
    AUCUN = "sans titre"


class Fact(NamedTuple):
    """A place, admission or answer that counts in a figure of a statement, with the event that proves it."""

    partner: str
    structure: str | None
    figure: Figure
    subject: UUID
    """The place, if the fact is a place or an admission without the SIAO. Else the referral or candidacy."""
    event: UUID | None
    """The event that proves the fact; None if the event has left the log, or if the fact is a missing
    answer."""
    message: UUID | None
    """The message of the event. The sender of the message may ask for a signed receipt."""
    time: datetime
    """The moment of the event. If the fact is a missing answer, when the answer was due."""
    has_receipt: bool
    titre: Titre | None = None


Key = tuple[str, str | None]
"""The partner and the structure. The structure is None if its address is secret or if it is unknown."""


class Statement(NamedTuple):
    """The statement of one structure for one month."""

    partner: str
    structure: str | None
    places: int
    facts: tuple[Fact, ...]
    answers: Service

    def number(self, figure: Figure) -> int:
        """Return how many of this statement's facts (places, admissions and answers) count in `figure`, such
        as « admissions par le SIAO »."""
        return sum(fact.figure is figure for fact in self.facts)

    def titled(self, titre: Titre) -> int:
        """Return how many admissions without the SIAO have the standing `titre`: their manager has given the
        reason, may still give it, or has not given it in time."""
        return sum(fact.titre is titre for fact in self.facts)


def figured(loops: Iterable[Loop], now: datetime) -> Mapping[Loop, Figure]:
    """Return in which figure each loop counts: answers in time, or late answers. A loop is a referral or
    candidacy, from its receipt to its answer. A loop that was withdrawn, or that can still be answered in
    time, is left out."""
    judged = (loop for loop in loops if loop.is_judged(now))
    return {loop: Figure.A_TEMPS if loop.is_in_time() else Figure.EN_RETARD for loop in judged}


def statements(
    places: Mapping[Key, int], facts: Iterable[Fact], loops: Iterable[Loop], now: datetime
) -> Sequence[Statement]:
    """Return a statement for each structure that has places, admissions or answers, sorted by manager, then by
    structure."""
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
