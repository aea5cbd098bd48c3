"""Learn the rhythm of a partner, and tell since when its next message is overdue. A rhythm is the weekdays on
which the partner sends messages, and the times of day by which the hub expects one. It is agreed in the
partner's registry entry, or else learnt from past messages.

The partner's territory gives the public holidays and the time zone. The partner's day may begin at another
hour than midnight.
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
"""The length of the past from which a rhythm is learnt."""
ENOUGH = timedelta(weeks=3)
"""The minimum time since a partner's first message; before that, its rhythm is not learnt."""
USUALLY = 0.75
"""The share, from 0 to 1, of a weekday's open days on which messages must have come, so that the weekday
belongs to the rhythm."""
STEADY = 0.97
"""The share of days, from 0 to 1, that gives the rhythm a further time of day. On so many days, a further
message must have come before the day ended."""
USUAL, LATE = 0.5, 0.95
SLACK = 2.0
"""The factor of the tolerance for a late message. The tolerance is this factor times the difference between
two times of day, but at least `LEAST`. The message has come by the first time on 50 % of the days (`USUAL`),
and by the second time on 95 % (`LATE`)."""
LEAST = timedelta(minutes=30)
"""The minimum tolerance for a late message."""
DAY = timedelta(days=1)
MOST = 24
"""The maximum number of times of day in a rhythm."""
QUIET = timedelta(hours=2)
"""A pause without messages that decides when a partner's day begins. If no message ever comes for this long
before midnight and this long after it, the day begins at midnight. Otherwise it begins in the middle of the
longest pause, provided that this pause lasts at least twice as long as `QUIET`. If it does not, the day
begins at midnight too."""
LOOK_BACK = timedelta(days=40)
"""The length of the past in which the beginning of a silence is searched."""
PUBLISHES_PLACES = (Famille.HEBERGEMENT, Famille.LOGEMENT_ACCOMPAGNE)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The weekdays on which a partner sends messages, and the times of day by which the hub expects one."""

    days: frozenset[int]
    """The weekdays; Monday is 0."""
    holidays: bool
    """Whether messages are expected on public holidays too."""
    by: tuple[timedelta, ...]
    """The times of day by which the hub expects messages, counted from the beginning of the partner's day.
    They divide the day into periods; a message is expected in each."""
    starts: timedelta = timedelta()
    """When the partner's day begins, counted from midnight."""

    def __str__(self) -> str:
        ends = [self.starts + by for by in self.by]
        hours = ["24:00" if end == DAY else _clock(end) for end in ends]
        when = (
            f"avant {hours[0]}" if len(hours) == 1 else f"{len(hours)} fois, avant {hours[0]} … {hours[-1]}"
        )
        return f"{_named(self.days)}, {when}"


EVERY_WORKING_DAY = Rhythm(frozenset(range(5)), holidays=False, by=(DAY,))
"""The default rhythm of a partner that declares places: one message on every working day."""
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
    """Return the rhythm agreed in a partner's registry entry."""
    by = tuple(timedelta(hours=at.hour, minutes=at.minute) for at in rythme.avant)
    return Rhythm(frozenset(list(Jour).index(jour) for jour in rythme.jours), rythme.feries, by)


def rhythm_of(partner: Partner, learnt: Rhythm | None) -> Rhythm:
    """Return the rhythm expected of a partner: the agreed one, else the learnt one, else a default. The
    default is one message on every working day for a partner that manages places and has a dialect, and no
    message for any other partner."""
    if partner.rythme is not None:
        return agreed(partner.rythme)
    publishes = partner.famille in PUBLISHES_PLACES and bool(partner.dialectes)
    return learnt or (EVERY_WORKING_DAY if publishes else NOTHING)


def told_rhythm(partner: Partner, learnt: Rhythm | None) -> str | None:
    """Return the rhythm expected of a partner as a French phrase; None if no messages are expected."""
    rhythm = rhythm_of(partner, learnt)
    return None if rhythm == NOTHING else str(rhythm)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The public holidays where a partner works, and the days on which the partner is closed."""

    territoire: str
    closed: tuple[Fermeture, ...] = ()

    @classmethod
    def of(cls, partner: Partner) -> "Calendar":
        return cls(partner.territoire, partner.fermetures)

    def is_holiday(self, day: date) -> bool:
        """Return whether `day` is a public holiday that falls on one of the days from Monday to Friday."""
        return day.weekday() < 5 and not is_working_day(self.territoire, day)

    def is_closed(self, day: date) -> bool:
        return any(each.du <= day <= each.au for each in self.closed)

    def expects(self, rhythm: Rhythm, day: date) -> bool:
        """Return whether the hub expects a message on this day: the day is one of the rhythm's weekdays, the
        partner is not closed, and the day is no public holiday, unless the rhythm includes holidays."""
        rests = self.is_holiday(day) and not rhythm.holidays
        return day.weekday() in rhythm.days and not rests and not self.is_closed(day)


def overdue(rhythm: Rhythm, last_at: datetime, now: datetime, calendar: Calendar) -> datetime | None:
    """Return since when a partner's next message is overdue; None if it is not overdue. `rhythm` says by when
    the hub expects messages, `last_at` is when the partner's last message came."""
    first = max(last_at, now - LOOK_BACK)
    day = _feed_day(rhythm.starts, wall_clock(calendar.territoire, first))[0]
    last = wall_clock(calendar.territoire, now).date()
    while day <= last:
        if calendar.expects(rhythm, day):
            for since, until in _spans(rhythm, day, calendar.territoire):
                if last_at < since and until <= now:
                    return until
        day += DAY
    return None


def _spans(rhythm: Rhythm, day: date, territoire: str) -> Iterator[tuple[datetime, datetime]]:
    begin = datetime.combine(day, time()) + rhythm.starts
    edges = (begin, *(begin + by for by in rhythm.by))
    return pairwise(moment(territoire, edge) for edge in edges)


def learn(moments: Sequence[datetime], now: datetime, calendar: Calendar) -> Rhythm | None:
    """Return the rhythm that a partner's messages show. `moments` says when the messages came. Return None if
    they show no rhythm, or if the first came less than `ENOUGH` ago."""
    local = sorted(wall_clock(calendar.territoire, at) for at in moments)
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
    """Return the days after `first` and before `today`. These two are left out: the messages of `first` are
    known only in part, and `today` is not over."""
    return [first + timedelta(days=n) for n in range(1, (today - first).days)]


def _feed_day(starts: timedelta, local: datetime) -> tuple[date, timedelta]:
    day = (local - starts).date()
    return day, local - starts - datetime.combine(day, time())


def _beginning(local: Iterable[datetime]) -> timedelta:
    hours = sorted({timedelta(hours=at.hour, minutes=at.minute) for at in local})
    if hours[0] >= QUIET and hours[-1] <= DAY - QUIET:
        return timedelta()
    gap, last = max((later - at, at) for at, later in pairwise((*hours, hours[0] + DAY)))
    return (last + gap / 2) % DAY if gap >= 2 * QUIET else timedelta()


def _usual_days(span: Sequence[date], spoken: Iterable[date], calendar: Calendar) -> frozenset[int]:
    open_days = [d for d in span if not calendar.is_closed(d) and not calendar.is_holiday(d)]
    sent: Mapping[int, list[bool]] = defaultdict(list)
    known = set(spoken)
    for day in open_days:
        sent[day.weekday()].append(day in known)
    return frozenset(weekday for weekday, each in sent.items() if sum(each) >= USUALLY * len(each))


def _hours(days: Sequence[Sequence[timedelta]]) -> Iterator[timedelta]:
    """Yield the times of day by which the hub expects another message, the earliest first. On nearly all of
    the days in `days`, the partner has sent a message before the first of these times, and another between
    each of them and the next. `days` has, for each past day of the rhythm with messages, when they came. All
    times are counted from the beginning of the partner's day."""
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
