"""Count the traffic of the last day, by partner, direction and message type: how many messages, how fast, and
how many wait."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ops.traffic import sql as store
from router.domain.correspondents import Count
from router.domain.partners import Registry
from router.domain.sandbox import sandbox_of
from router.domain.vitals import COUNTED
from router.store.database import Connection, Row

PARTS = 24
"""Number of equal parts into which a chart divides the period."""
FEW = 200
"""Maximum number of waiting deliveries to one partner that are counted. The pending events of one partner are
counted up to this number in each of its two queues: small messages and bulk."""
DELAYS_SECONDS = store.DELAYS_SECONDS


class Sens(StrEnum):
    """Direction of a message, seen from the partner."""

    DIT = "dit"
    """The partner sends."""
    ENTEND = "entend"
    """The partner receives."""


class Traffic(NamedTuple):
    """Figures about the messages of one type that one partner sent or received in a period: how many, when,
    how fast, and how many wait."""

    partner: str
    sens: Sens
    type: str
    number: int = 0
    last: datetime | None = None
    course: tuple[int, ...] = (0,) * PARTS
    """Number of messages in each part of the period, oldest part first."""
    delays: tuple[int, ...] = (0,) * (len(DELAYS_SECONDS) + 1)
    """The number of deliveries in each class of delay. `DELAYS_SECONDS` has the upper limits of the classes;
    the last class has no limit."""
    median_s: float | None = None
    p90_s: float | None = None
    waiting: Count = Count()


class Day(NamedTuple):
    """Traffic of all partners in the last day, from `since` to `until`. If the day has too many messages to
    count, this period is shorter."""

    since: datetime
    until: datetime
    rows: tuple[Traffic, ...]

    @property
    def hours(self) -> float:
        """Return the length, in hours, of the period that these figures cover. It is 24, or less if a whole day
        has too many messages to count."""
        return (self.until - self.since) / timedelta(hours=1)


async def of_the_day(connection: Connection, registry: Registry, now: datetime) -> Day:
    """Return the traffic of the 24 hours before `now`. If these hours have too many events to count, return
    the traffic of a shorter time before `now`. Partners in a sandbox are left out."""
    since = await store.since(connection, COUNTED)
    courses = await store.courses(connection, since, (now - since).total_seconds(), PARTS, COUNTED)
    real = {name for name in registry.partners if not sandbox_of(name)}
    waiting = await store.waiting(connection, sorted(real), FEW)
    return Day(since, now, together(courses, waiting, real))


def together(
    courses: Sequence[Row], waiting: Sequence[Row], partners: Collection[str]
) -> tuple[Traffic, ...]:
    """Return the traffic of these partners, sorted by partner, direction, and number of messages, the highest
    number first. `courses` has the rows about past messages, `waiting` those about messages that wait."""
    found: dict[tuple[str, str, str], Traffic] = {}

    for row in courses:
        course = _spread(row.parts, row.numbers, PARTS)
        delays = _spread(row.classes, row.delays, len(DELAYS_SECONDS) + 1)
        found[row.partner, row.sens, row.type] = Traffic(
            row.partner,
            Sens(row.sens),
            row.type,
            row.number,
            row.last,
            course,
            delays,
            row.median_s,
            row.p90_s,
        )
    for row in waiting:
        key = row.partner, row.sens, row.type
        known = found.get(key) or Traffic(row.partner, Sens(row.sens), row.type)
        found[key] = known._replace(waiting=Count(row.number, row.oldest))
    theirs = (each for each in found.values() if each.partner in partners)
    return tuple(sorted(theirs, key=lambda t: (t.partner, t.sens, -t.number, t.type)))


def _spread(places: Sequence[int], numbers: Sequence[int], size: int) -> tuple[int, ...]:
    spread = [0] * size
    for place, number in zip(places, numbers, strict=True):
        spread[min(max(place, 0), size - 1)] += number
    return tuple(spread)
