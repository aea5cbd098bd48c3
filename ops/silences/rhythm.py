"""When a partner says something, and by when it should have. Pure: times come in, the calendar is its territory's.

The day of a feed that speaks around midnight begins at another hour, so that it is not cut in two. By each of the hours
of its rhythm a feed has said something since the hour before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from math import ceil

from contracts.partner import Famille, Partner
from contracts.rythme import Fermeture, Jour, Rythme
from router.domain.calendar import is_working_day, moment, wall_clock

MEMORY = timedelta(weeks=8)
"""What is learnt is learnt from so long."""
ENOUGH = timedelta(weeks=3)
"""From less than that, nothing is."""
USUALLY = 0.75
"""A day of the week on which a feed spoke at least so often is one of its days."""
STEADY = 0.97
"""An hour is expected when something came before the day's end on so many of its days."""
USUAL, LATE = 0.5, 0.95
SLACK = 2.0
"""Beyond a late hour, so many times what lies between the usual hour and a late one."""
LEAST = timedelta(minutes=30)
"""No hour is expected more sharply."""
DAY = timedelta(days=1)
MOST = 24
"""Hours by which a feed may be expected in a day."""
QUIET = timedelta(hours=2)
"""Midnight divides the days of a feed that is never heard so long before and after it."""
LOOK_BACK = timedelta(days=40)
"""No silence is looked for further back: one that lasts is known since it began."""
PUBLISHES_PLACES = (Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The days of a feed, and by when it speaks on them."""

    days: frozenset[int]
    """Of the week; Monday is 0."""
    holidays: bool
    """Whether it speaks on public holidays."""
    by: tuple[timedelta, ...]
    """After the beginning of its day, growing."""
    starts: timedelta = timedelta()
    """When its day begins, after midnight on the territory's clocks."""

    def __str__(self) -> str:
        ends = [self.starts + by for by in self.by]
        hours = ["24:00" if end == DAY else _clock(end) for end in ends]
        when = (
            f"avant {hours[0]}" if len(hours) == 1 else f"{len(hours)} fois, avant {hours[0]} … {hours[-1]}"
        )
        return f"{_named(self.days)}, {when}"


EVERY_WORKING_DAY = Rhythm(frozenset(range(5)), holidays=False, by=(DAY,))
"""Of a partner that publishes places, until its own is known: a vacancy is refreshed every day."""
NOTHING = Rhythm(frozenset(), holidays=False, by=())


def _clock(after_midnight: timedelta) -> str:
    hours, minutes = divmod(after_midnight % DAY // timedelta(minutes=1), 60)
    return f"{hours:02}:{minutes:02}"


def _named(days: frozenset[int]) -> str:
    if days == frozenset(range(7)):
        return "tous les jours"
    return (
        "du lundi au vendredi"
        if days == EVERY_WORKING_DAY.days
        else ", ".join(list(Jour)[d] for d in sorted(days))
    )


def agreed(rythme: Rythme) -> Rhythm:
    """The rhythm that an entry of the registry says."""
    by = tuple(timedelta(hours=at.hour, minutes=at.minute) for at in rythme.avant)
    return Rhythm(frozenset(list(Jour).index(jour) for jour in rythme.jours), rythme.feries, by)


def rhythm_of(partner: Partner, learnt: Rhythm | None) -> Rhythm:
    """What is expected of a partner: what is agreed, else what was learnt, else what its family owes."""
    if partner.rythme is not None:
        return agreed(partner.rythme)
    publishes = partner.famille in PUBLISHES_PLACES and bool(partner.dialectes)
    return learnt or (EVERY_WORKING_DAY if publishes else NOTHING)


def told_rhythm(partner: Partner, learnt: Rhythm | None) -> str | None:
    """What is expected of a partner, in French; None where nothing is."""
    rhythm = rhythm_of(partner, learnt)
    return None if rhythm == NOTHING else str(rhythm)


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which days a partner is open."""

    territoire: str
    closed: tuple[Fermeture, ...] = ()

    @classmethod
    def of(cls, partner: Partner) -> "Calendar":
        return cls(partner.territoire, partner.fermetures)

    def is_holiday(self, day: date) -> bool:
        """A public holiday, whatever day of the week it falls on."""
        return day.weekday() < 5 and not is_working_day(self.territoire, day)

    def is_closed(self, day: date) -> bool:
        return any(each.du <= day <= each.au for each in self.closed)

    def expects(self, rhythm: Rhythm, day: date) -> bool:
        """Whether something is to come on a day."""
        rests = self.is_holiday(day) and not rhythm.holidays
        return day.weekday() in rhythm.days and not rests and not self.is_closed(day)


def overdue(rhythm: Rhythm, heard: datetime, now: datetime, calendar: Calendar) -> datetime | None:
    """Since when a partner, last heard then, should have said something; None while it is within its rhythm."""
    first = max(heard, now - LOOK_BACK)
    day = _feed_day(rhythm.starts, wall_clock(calendar.territoire, first))[0]
    last = wall_clock(calendar.territoire, now).date()
    while day <= last:
        if calendar.expects(rhythm, day):
            for since, until in _spans(rhythm, day, calendar.territoire):
                if heard < since and until <= now:
                    return until
        day += DAY
    return None


def _spans(rhythm: Rhythm, day: date, territoire: str) -> Iterator[tuple[datetime, datetime]]:
    begin = datetime.combine(day, time()) + rhythm.starts
    edges = (begin, *(begin + by for by in rhythm.by))
    return pairwise(moment(territoire, edge) for edge in edges)


def learn(heard: Sequence[datetime], now: datetime, calendar: Calendar) -> Rhythm | None:
    """The rhythm of a feed that was heard at these moments of its last weeks; None where there is none to rely on."""
    local = sorted(wall_clock(calendar.territoire, at) for at in heard)
    if not local or wall_clock(calendar.territoire, now) - local[0] < ENOUGH:
        return None
    starts = _beginning(local)
    spoken: defaultdict[date, list[timedelta]] = defaultdict(list)
    for at in local:
        day, into = _feed_day(starts, at)
        spoken[day].append(into)
    span = _days(min(spoken), _feed_day(starts, wall_clock(calendar.territoire, now))[0])
    days = _usual_days(span, spoken.keys(), calendar)
    rhythm = Rhythm(days, holidays=days >= {5, 6}, by=(), starts=starts)
    counted = [spoken[day] for day in span if day in spoken and calendar.expects(rhythm, day)]
    by = tuple(_hours(counted)) if counted else ()
    return Rhythm(days, rhythm.holidays, by, starts) if by else None


def _days(first: date, today: date) -> list[date]:
    """Those that are over; the first one may have begun before anybody listened."""
    return [first + timedelta(days=n) for n in range(1, (today - first).days)]


def _feed_day(starts: timedelta, local: datetime) -> tuple[date, timedelta]:
    """The day of a feed to which a moment belongs, and how far into it that is."""
    day = (local - starts).date()
    return day, local - starts - datetime.combine(day, time())


def _beginning(local: Iterable[datetime]) -> timedelta:
    """Midnight; where a feed is heard around it, the middle of the longest time in which it never is."""
    heard = sorted({timedelta(hours=at.hour, minutes=at.minute) for at in local})
    if heard[0] >= QUIET and heard[-1] <= DAY - QUIET:
        return timedelta()
    gap, last = max((later - at, at) for at, later in pairwise((*heard, heard[0] + DAY)))
    return (last + gap / 2) % DAY if gap >= 2 * QUIET else timedelta()


def _usual_days(span: Sequence[date], spoken: Iterable[date], calendar: Calendar) -> frozenset[int]:
    open_days = [d for d in span if not calendar.is_closed(d) and not calendar.is_holiday(d)]
    heard: Mapping[int, list[bool]] = defaultdict(list)
    known = set(spoken)
    for day in open_days:
        heard[day.weekday()].append(day in known)
    return frozenset(weekday for weekday, each in heard.items() if sum(each) >= USUALLY * len(each))


def _hours(days: Sequence[Sequence[timedelta]]) -> Iterator[timedelta]:
    """By when something has come, again and again, for as long as that can be relied on."""
    start = timedelta()
    for _ in range(MOST):
        next_ones = sorted(next((at for at in day if at > start), DAY) for day in days)
        if sum(at < DAY for at in next_ones) < STEADY * len(days):
            return
        usual, late = (next_ones[ceil(share * len(next_ones)) - 1] for share in (USUAL, LATE))
        start = _to_five_minutes(late + max(LEAST, SLACK * (late - usual)))
        if start >= DAY:
            return
        yield start


def _to_five_minutes(time_of_day: timedelta) -> timedelta:
    step = timedelta(minutes=5)
    return ceil(time_of_day / step) * step
