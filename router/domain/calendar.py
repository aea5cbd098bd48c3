"""Compute dates, working days and durations in the local time of a territory.

A clock change moves no deadline that is counted in days. If a local time occurs twice, the earlier moment
counts. If a local time does not exist, it is moved one hour later.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from contracts.reference.durees import UNITS, Unit, counted
from contracts.reference.fuseaux import zone

SUBDIVISIONS: Mapping[str, str] = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
"""Codes of départements with public holidays of their own, as the Python library `holidays` writes them. The
keys are the first digits of a territory."""
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Duration:
    """Length of time in one unit. Seconds, minutes and hours are elapsed time. Days, working days and months
    follow the calendar of a territory."""

    number: int
    unit: Unit

    def __str__(self) -> str:
        words = (word for word, unit in UNITS.items() if unit is self.unit and word != unit)
        return f"{self.number} {next(words, self.unit) if self.number == 1 else self.unit}"

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Read a duration written in French, such as «7 jours ouvrés» or «1 mois». Raises ValueError, with a
        French text, for any other text."""
        return cls(*counted(text))

    @property
    def elapsed(self) -> timedelta | None:
        """Return the duration as a timedelta if its unit is seconds, minutes or hours. Return None for days,
        working days and months."""
        match self.unit:
            case Unit.SECOND:
                return timedelta(seconds=self.number)
            case Unit.MINUTE:
                return timedelta(minutes=self.number)
            case Unit.HOUR:
                return timedelta(hours=self.number)
        return None

    def after(self, start: datetime, territoire: str, share: float = 1.0) -> datetime:
        """Return the UTC moment at which the fraction `share` (0.5 is half) of the duration has passed since
        `start`. `start` must have a time zone. If the unit is working days, time passes only on days that are
        working days in `territoire`."""
        start = start.astimezone(
            UTC
        )  # within one zone Python adds wall-clock time: a clock change would cost an hour
        if self.elapsed is not None:
            return start + share * self.elapsed
        local = wall_clock(territoire, start)
        if self.unit is Unit.WORKING_DAY:
            return moment(territoire, _working(local, share * self.number, territoire))
        return start + share * (moment(territoire, self._by_the_calendar(local)) - start)

    def before(self, end: datetime, territoire: str) -> datetime:
        """Return the UTC moment that lies this duration before `end`, at the same local time in the
        territory. The duration must be in days; otherwise AssertionError is raised. `end` must have a time
        zone."""
        assert self.unit is Unit.DAY, "only whole days are counted backwards"
        return moment(territoire, wall_clock(territoire, end) - timedelta(days=self.number))

    def _by_the_calendar(self, local: datetime) -> datetime:
        if self.unit is Unit.DAY:
            return local + timedelta(days=self.number)
        return months_after(local, self.number)


D = TypeVar("D", bound=date)


def months_after(day: D, months: int) -> D:
    """Return the same day of the month, `months` later. If the later month has no such day, return its last
    day."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    last = monthrange(year, month + 1)[1]
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def only_zone(territoires: Iterable[str]) -> ZoneInfo | None:
    """Return the time zone that these territories share. Return None if they have several time zones, or if
    there is no territory."""
    zones = {zone(territoire) for territoire in territoires}
    return zones.pop() if len(zones) == 1 else None


def wall_clock(territoire: str, at: datetime) -> datetime:
    """Return the local time in a territory at a moment, as a naive datetime."""
    return at.astimezone(zone(territoire)).replace(tzinfo=None)


def moment(territoire: str, local: datetime) -> datetime:
    """Return the UTC moment of a naive local time in a territory. Raises ValueError if this moment is before
    the year 1 or after the year 9999 in UTC."""
    return in_utc(local.replace(tzinfo=zone(territoire), fold=0))


def in_utc(at: datetime) -> datetime:
    """Convert a moment to UTC. Raises ValueError if the moment is before the year 1 or after the year 9999 in
    UTC."""
    try:
        return at.astimezone(UTC)
    except OverflowError as exc:
        raise ValueError("out of the calendar") from exc


def day_in(territoire: str, now: datetime) -> date:
    """Return the date in a territory at a moment."""
    return wall_clock(territoire, now).date()


def days_in(territoires: Iterable[str], now: datetime) -> tuple[date, date]:
    """Return the earliest and the latest local date at the moment `now` in these territories, which may have
    different time zones. Raises ValueError if there is no territory."""
    days = sorted(day_in(territoire, now) for territoire in territoires)
    return min(days), max(days)


def is_working_day(territoire: str, day: date) -> bool:
    """Tell whether a day is neither a week-end nor a public holiday in the territory."""
    return day.weekday() < SATURDAY and day not in _public_holidays(_subdivision(territoire), day.year)


def _subdivision(territoire: str) -> str | None:
    return SUBDIVISIONS.get(territoire[:3]) or SUBDIVISIONS.get(territoire[:2])


@cache
def _public_holidays(subdivision: str | None, year: int) -> Set[date]:
    from holidays import (
        country_holidays,
    )  # imported late: it loads four hundred modules, only for working days

    return frozenset(country_holidays("FR", subdiv=subdivision, years=year))


def _working(local: datetime, days: float, territoire: str) -> datetime:
    """Add working days to a naive local time. If the local time is on a day that is not a working day, the
    count starts at 00:00 of the next working day."""
    day, into = local.date(), local - datetime.combine(local.date(), time())
    if not is_working_day(territoire, day):
        day, into = _next_working_day(territoire, day), timedelta()
    whole, rest = divmod(into + timedelta(days=days), timedelta(days=1))
    for _ in range(whole):
        day = _next_working_day(territoire, day)
    return datetime.combine(day, time()) + rest


def working_day_from(territoire: str, day: date) -> date:
    """Return the day itself if it is a working day in the territory, else the next working day."""
    return day if is_working_day(territoire, day) else _next_working_day(territoire, day)


def _next_working_day(territoire: str, day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(territoire, day):
        day += timedelta(days=1)
    return day
