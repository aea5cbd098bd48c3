"""Schedule of a simulated département: acts of the partners, and working hours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from random import Random
from uuid import UUID

from contracts.base import Contrat
from router.domain.calendar import is_working_day, moment, wall_clock
from simulation.accelerated.company import named
from simulation.accelerated.hub import AcceleratedHub
from simulation.departement.setting import Away

Act = Callable[[], None]
OPENS_H, CLOSES_H = 9.0, 17.0


@dataclass
class Course:
    """Schedule of all partners. An act of one that is away takes place when it is back."""

    hub: AcceleratedHub
    chance: Random
    away: Mapping[str, Away]
    _coming: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _scheduled: int = 0

    @property
    def next_at(self) -> datetime | None:
        """Moment of the next scheduled act; None without one."""
        return self._coming[0][0] if self._coming else None

    def go_on(self) -> None:
        """Carry out the next scheduled act."""
        _, _, act = heappop(self._coming)
        act()

    def say(self, who: str, contrat: Contrat) -> None:
        """Send a message to the hub, which accepts and applies it at once."""
        self.hub.accept(who, contrat)
        self.hub.apply(who, contrat, self.hub.now)

    def later(self, who: str, at: datetime, act: Act) -> None:
        """Schedule an act, now if `at` is past, or in the first hours after an absence."""
        away = self.away.get(who)
        if away is not None and away.since <= at < away.until:
            at = away.until + self.chance.uniform(9, 12) * timedelta(hours=1)
        self._scheduled += 1
        heappush(self._coming, (max(at, self.hub.now), self._scheduled, act))

    def is_away(self, who: str) -> bool:
        """Return whether a partner neither receives nor sends anything now."""
        away = self.away.get(who)
        return away is not None and away.since <= self.hub.now < away.until

    def new(self, what: str) -> UUID:
        self._scheduled += 1
        return named(f"{what} {self._scheduled}")

    def happens(self, share: float) -> bool:
        """Return True with this probability, at random."""
        return self.chance.random() < share

    @property
    def territoire(self) -> str:
        return self.hub.territoire

    @property
    def today(self) -> date:
        """Present day in the territory."""
        return wall_clock(self.territoire, self.hub.now).date()

    def in_minutes(self, least: float, most: float) -> datetime:
        """Return a random moment, between two numbers of minutes from now."""
        return self.hub.now + self.chance.uniform(least, most) * timedelta(minutes=1)

    def at_hour(self, day: date, hour: float) -> datetime:
        """Return a moment by the territory's clocks. Hour 26 is two o'clock in the following night."""
        return moment(self.territoire, datetime.combine(day, time()) + hour * timedelta(hours=1))

    def at_work(self, least: int, most: int) -> datetime:
        """Return a random moment in office hours, from `least` to `most` working days from today."""
        day = self.today
        for _ in range(self.chance.randint(least, most)):
            day = self._next_working_day(day)
        if not is_working_day(self.territoire, day):
            day = self._next_working_day(day)
        at = self.at_hour(day, self.chance.uniform(OPENS_H, CLOSES_H))
        if at > self.hub.now:
            return at
        return self.at_hour(self._next_working_day(day), self.chance.uniform(OPENS_H, CLOSES_H))

    def _next_working_day(self, day: date) -> date:
        day += timedelta(days=1)
        while not is_working_day(self.territoire, day):
            day += timedelta(days=1)
        return day

    def number_of(self, a_day: float) -> int:
        """Return a random number of events for one day, around this daily rate."""
        whole, rest = divmod(self.chance.uniform(0.5, 1.5) * a_day, 1)
        return int(whole) + self.happens(rest)
