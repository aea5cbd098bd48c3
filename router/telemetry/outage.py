"""Decide when an outage is logged: at its start, once a minute, and at its end. Pure: `now` is a monotonic
time in seconds."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

STARTED, LASTS, ENDED = "outage.started", "outage.lasts", "outage.ended"
LASTS_SECONDS = 60.0
"""Shortest time, in seconds, between two log lines about an outage that lasts."""


class Witness(Protocol):
    """Receives the results of attempts to reach a server or a partner."""

    def failed(self, reason: str) -> None:
        """Note that an attempt failed. `reason` is in French, and contains no values."""

    def succeeded(self) -> None:
        """Note that an attempt succeeded."""


class Nobody:
    """Receiver of the results of attempts to reach a server, which ignores them all. Commands use it, because
    they show a failure to the operator themselves."""

    def failed(self, reason: str) -> None:
        """Do nothing about a failed attempt. The command that makes the attempt shows the failure to the
        operator itself."""

    def succeeded(self) -> None:
        """Ignore a successful attempt."""


class Line(NamedTuple):
    """Text to log about an outage: its kind (`event`: started, lasts or ended), how long the outage has
    lasted, and how many attempts have failed."""

    event: str
    seconds: int
    """Seconds since the first failed attempt of the outage."""
    failures: int
    """Number of failed attempts of the outage."""


@dataclass(slots=True)
class Outage:
    """State of one server or partner: whether there is an outage, since when, and when it was last logged."""

    since: float | None = None
    failed_at: float = 0.0
    failures: int = 0
    told_at: float = 0.0

    def failed(self, now: float) -> Line | None:
        """Count a failed attempt. Return the line to log, or None.

        The first failure is logged, and then at most one a minute.
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
        """Note a successful attempt. Return the line to log if it ends an outage. Otherwise return None."""
        if self.since is None:
            return None
        line = Line(ENDED, int(now - self.since), self.failures)
        self.since, self.failures = None, 0
        return line

    def quiet_s(self, now: float) -> float:
        """Return the seconds since the last failed attempt."""
        return now - self.failed_at
