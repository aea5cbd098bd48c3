"""Measures how good a learnt rhythm is: false alarms per month, and the time from a real silence to its alarm.

    python -m bench.rythmes            # writes the table of docs/rythmes.md

A seed generates feeds of messages over eight months, in a territory with its holidays and both clock changes. The
hub learns once a day from the last eight weeks and checks once a minute, as it does in production
(`ops/silences/watch.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import NamedTuple

from ops.silences.rhythm import MEMORY, Calendar, Rhythm, learn, overdue
from router.domain.calendar import is_working_day, moment

SEED = 20261126
TERRITOIRE = "67"
FIRST, DAYS = date(2026, 1, 5), 240
LOOK = timedelta(minutes=1)
MONTH_DAYS = 30.4
PAGE = Path(__file__).parents[1] / "docs" / "rythmes.md"
Feed = Callable[[Random, date], Iterator[datetime]]
"""Function that yields the times of a feed's messages on one day, in the territory's local time."""


def _at(day: date, hour: float) -> datetime:
    return datetime.combine(day, time()) + timedelta(hours=hour)


def _works(day: date) -> bool:
    return is_working_day(TERRITOIRE, day)


def morning_file(chance: Random, day: date) -> Iterator[datetime]:
    """Yield the time of a working day's export, at 9:30 with a deviation of ten minutes."""
    if _works(day):
        yield _at(day, chance.gauss(9.5, 1 / 6))


def by_hand(chance: Random, day: date) -> Iterator[datetime]:
    """Yield the time of a file sent by hand on the morning of a working day, forgotten one day in forty."""
    if _works(day) and chance.random() > 0.025:
        yield _at(day, min(17.5, max(7.5, chance.gauss(10.0, 1.0))))


def around_midnight(chance: Random, day: date) -> Iterator[datetime]:
    """Yield the time of a nightly export, around midnight."""
    yield _at(day, chance.gauss(24.0, 0.2))


def three_a_day(chance: Random, day: date) -> Iterator[datetime]:
    """Yield the times of a working day's exports, around 8:00, 12:30 and 17:00."""
    if _works(day):
        yield from (_at(day, chance.gauss(hour, 0.15)) for hour in (8.0, 12.5, 17.0))


def weekly(chance: Random, day: date) -> Iterator[datetime]:
    """Yield the time of a file sent on Mondays that are working days."""
    if day.weekday() == 0 and _works(day):
        yield _at(day, chance.gauss(11.0, 0.5))


def office_hours(chance: Random, day: date) -> Iterator[datetime]:
    """Yield the times of a team's events in the office hours of a working day, four per hour."""
    hour = 8.5 + chance.expovariate(4.0)
    while _works(day) and hour < 18.0:
        yield _at(day, hour)
        hour += chance.expovariate(4.0)


def day_and_night(chance: Random, day: date) -> Iterator[datetime]:
    """Yield the times of a 115's events: eight per hour by day, two by night."""
    hour = 0.0
    while (hour := hour + chance.expovariate(8.0 if 8 <= hour < 23 else 2.0)) < 24.0:
        yield _at(day, hour)


FEEDS: Mapping[str, Feed] = {
    "un fichier chaque matin ouvré (9 h 30, ± 10 min)": morning_file,
    "un fichier déposé à la main (10 h, ± 1 h, oublié un jour sur quarante)": by_hand,
    "un export chaque nuit, autour de minuit": around_midnight,
    "trois exports par jour ouvré": three_a_day,
    "un fichier le lundi": weekly,
    "des événements aux heures de bureau (4 par heure)": office_hours,
    "un 115, jour et nuit (8 puis 2 par heure)": day_and_night,
}


class Measured(NamedTuple):
    """The figures of one feed."""

    rhythm: Rhythm | None
    false_a_month: float
    """Alarms per month while the feed was alive."""
    told_minutes: Sequence[float]
    """Minutes from the first missing message to the alarm, for each silence."""


def measure(feed: Feed, seed: int = SEED, days: int = DAYS) -> Measured:
    """Return the figures of a feed. It is alive on all days; then, for each day of the last month, it dies at a
    random hour of that day in a trial of its own."""
    chance, calendar = Random(seed), Calendar(TERRITOIRE)  # noqa: S311  a seeded run, not a secret
    local = sorted(at for n in range(days) for at in feed(chance, FIRST + timedelta(days=n)))
    said = [moment(TERRITOIRE, at) for at in local]
    rhythms = _learnt(said, days, calendar)
    alarms = sum(_alarms(said, rhythms, calendar))
    month = rhythms[-30:]
    deaths = [(at + timedelta(hours=chance.uniform(0, 24)), rhythm) for at, rhythm in month]
    told = [each for at, rhythm in deaths if (each := _told_after(said, at, rhythm, calendar)) is not None]
    watched = sum(rhythm is not None for _, rhythm in rhythms)
    return Measured(month[-1][1], alarms / max(1.0, watched / MONTH_DAYS), told)


def _learnt(said: Sequence[datetime], days: int, calendar: Calendar) -> list[tuple[datetime, Rhythm | None]]:
    """Return the rhythm that the hub has learnt at the beginning of each day; None while it knows too little."""
    mornings = [moment(TERRITOIRE, _at(FIRST + timedelta(days=n), 0.0)) for n in range(days)]
    return [(now, learn([at for at in said if now - MEMORY <= at < now], now, calendar)) for now in mornings]


def _alarms(
    said: Sequence[datetime], rhythms: Sequence[tuple[datetime, Rhythm | None]], calendar: Calendar
) -> Iterator[int]:
    """Yield, for each interval between two messages, 1 if the hub would have raised an alarm in it, else 0."""
    for heard, following in pairwise(said):
        known = next((rhythm for at, rhythm in reversed(rhythms) if at <= heard), None)
        yield int(known is not None and overdue(known, heard, following - LOOK, calendar) is not None)


def _told_after(
    said: Sequence[datetime], death: datetime, rhythm: Rhythm | None, calendar: Calendar
) -> float | None:
    """Return the minutes from the first missing message of a feed that dies at `death` to the alarm; None if there
    is no alarm."""
    heard = max((at for at in said if at < death), default=None)
    missed = next((at for at in said if at >= death), None)
    if rhythm is None or heard is None or missed is None:
        return None
    alarm = overdue(rhythm, heard, missed + timedelta(days=30), calendar)
    return None if alarm is None else (alarm + LOOK - missed) / timedelta(minutes=1)


def table() -> str:
    """Return a table of the figures of all feeds, in Markdown and French."""
    rows = ["| Flux | Rythme appris | Fausses alertes par mois | Silence dit après (médiane) | (p95) |"]
    rows.append("|---|---|---|---|---|")
    for name, feed in FEEDS.items():
        found = measure(feed)
        p95 = quantiles(found.told_minutes, n=20, method="inclusive")[-1]
        rows.append(
            f"| {name} | {found.rhythm} | {_decimal(found.false_a_month)} "
            f"| {median(found.told_minutes):.0f} min | {p95:.0f} min |"
        )
    return "\n".join(rows)


def _decimal(number: float) -> str:
    return f"{number:.2f}".replace(".", ",")


if __name__ == "__main__":
    text, _, _ = PAGE.read_text(encoding="utf-8").partition("| Flux |")
    PAGE.write_text(f"{text}{table()}\n", encoding="utf-8")
