"""Decide when to log an outage: at its start, once a minute, and at its end. Pure; `now` is in seconds of one
monotonic clock."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

STARTED, LASTS, ENDED = "outage.started", "outage.lasts", "outage.ended"
LASTS_SECONDS = 60.0
"""Seconds between two log lines about a lasting outage."""


class Witness(Protocol):
    """Receiver of the results of attempts to reach a server or a partner."""

    def failed(self, reason: str) -> None:
        """Record that an attempt failed. `reason` is in French, without values."""

    def succeeded(self) -> None:
        """Record that an attempt succeeded."""


class Nobody:
    """Witness that ignores all results. A command uses it, because its caller learns of a failure directly."""

    def failed(self, reason: str) -> None:
        """Do nothing with a failed attempt."""

    def succeeded(self) -> None:
        """Do nothing with a successful attempt."""


class Line(NamedTuple):
    """Log line about an outage."""

    event: str
    seconds: int
    """Seconds since the first failure of the outage."""
    failures: int
    """Number of failed attempts since the outage began."""


@dataclass(slots=True)
class Outage:
    """State of an outage of a server or a partner: its beginning, its failures, and when it was last logged."""

    since: float | None = None
    failed_at: float = 0.0
    failures: int = 0
    told_at: float = 0.0

    def failed(self, now: float) -> Line | None:
        """Count a failed attempt. Return the line to log: for the first failure, and then at most once a
        minute. Return None if nothing has to be logged."""
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
        """Return the seconds since the last failed attempt."""
        return now - self.failed_at
