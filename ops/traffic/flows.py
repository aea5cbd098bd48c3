"""Traffic: what each partner says and hears, by type, over the last day: how much, how fast, what of it waits."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ops.traffic import sql as store
from router.domain.partners import Registry
from router.domain.sandbox import sandbox_of
from router.domain.vitals import COUNTED, Count
from router.store.database import Connection, Row

DAY = timedelta(days=1)
PARTS = 24
"""Into how many parts the time that is looked at is cut."""
FEW = 200
"""What waits is counted up to this, of each partner."""
DELAYS_SECONDS = store.DELAYS_SECONDS


class Sens(StrEnum):
    """Which way it goes."""

    DIT = "dit"
    """The partner says it."""
    ENTEND = "entend"
    """The partner is told it."""


class Traffic(NamedTuple):
    """What one partner says, or hears, of one type."""

    partner: str
    sens: Sens
    type: str
    number: int = 0
    last: datetime | None = None
    course: tuple[int, ...] = (0,) * PARTS
    """How many in each part of the time, the oldest first."""
    delays: tuple[int, ...] = (0,) * (len(DELAYS_SECONDS) + 1)
    """How many took so long from acceptance to delivery, by the classes between `DELAYS_SECONDS`."""
    median_s: float | None = None
    p90_s: float | None = None
    waiting: Count = Count()


class Day(NamedTuple):
    """All of them, since a moment."""

    since: datetime
    until: datetime
    rows: tuple[Traffic, ...]

    @property
    def hours(self) -> float:
        """How long a time that is."""
        return (self.until - self.since) / timedelta(hours=1)


async def of_the_day(connection: Connection, registry: Registry, now: datetime) -> Day:
    """Those of the partners of the registry, over the last day; over less where so much happens that a day of it would
    take long to read."""
    since = await store.since(connection, COUNTED) or now - DAY
    courses = await store.courses(connection, since, (now - since).total_seconds(), PARTS, COUNTED)
    real = {name for name in registry.partners if not sandbox_of(name)}
    waiting = await store.waiting(connection, sorted(real), FEW)
    return Day(since, now, together(courses, waiting, real))


def together(
    courses: Sequence[Row], waiting: Sequence[Row], partners: Collection[str]
) -> tuple[Traffic, ...]:
    """The traffic of these partners from what is known of it, in order of partner, way and number. Pure."""
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
    """Numbers each at its place; what lies outside counts at the nearest end."""
    spread = [0] * size
    for place, number in zip(places, numbers, strict=True):
        spread[min(max(place, 0), size - 1)] += number
    return tuple(spread)
