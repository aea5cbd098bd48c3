"""Decide when an outage is logged: at its start, once a minute while it lasts, and at its end. Pure: `now`
is a monotonic time in seconds."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

STARTED, LASTS, ENDED = "outage.started", "outage.lasts", "outage.ended"
LASTS_SECONDS = 60.0
"""Shortest time, in seconds, between two log lines about the same outage while it lasts."""


class Witness(Protocol):
    """Interface of an object that is told whether attempts to reach a server or a partner failed or
    succeeded."""

    def failed(self, reason: str) -> None:
        """Record that an attempt failed. `reason` is in French, and contains no personal values."""

    def succeeded(self) -> None:
        """Record that an attempt succeeded."""


class Nobody:
    """Witness that ignores the results of attempts to reach a server. Commands use it, because a command shows
    a failure to the operator itself."""

    def failed(self, reason: str) -> None:
        """Do nothing about a failed attempt: the command that made the attempt shows the failure to the
        operator itself."""

    def succeeded(self) -> None:
        """Ignore a successful attempt."""


class Line(NamedTuple):
    """What to log about an outage: the type of line (`event`: it starts, lasts or ends), how long the outage
    has lasted, and how many attempts have failed."""

    event: str
    seconds: int
    """Seconds since the first failed attempt of the outage."""
    failures: int
    """Number of failed attempts of the outage."""


@dataclass(slots=True)
class Outage:
    """Present state of one server or partner: whether there is an outage, since when (`since`), and when the
    outage was last logged (`told_at`)."""

    since: float | None = None
    failed_at: float = 0.0
    failures: int = 0
    told_at: float = 0.0

    def failed(self, now: float) -> Line | None:
        """Count a failed attempt. Return the line to log, or None if nothing is to be logged.

        The first failed attempt of an outage is logged, and then at most one failed attempt a minute.
        """
        self.failed_at = now
        self.failures += 1
        if self.since is None:
            self.since = self.told_at = now
            return Line(STARTED, 0, 1)
        if now - self.told_at < LASTS_SECONDS:
            return None
        self.told_at = now
        return Line(LASTS, int(now - self.since), self.failures)

    def succeeded(self, now: float) -> Line | None:
        """Record a successful attempt. Return the line to log if the attempt ends an outage, else None."""
        if self.since is None:
            return None
        line = Line(ENDED, int(now - self.since), self.failures)
        self.since, self.failures = None, 0
        return line

    def quiet_s(self, now: float) -> float:
        """Return for how many seconds no attempt has failed, at the moment `now`."""
        return now - self.failed_at
