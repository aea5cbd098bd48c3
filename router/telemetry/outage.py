"""An outage is told at its start, once a minute, and at its end. Pure; `now` in seconds of one monotonic clock."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

STARTED, LASTS, ENDED = "outage.started", "outage.lasts", "outage.ended"
LASTS_SECONDS = 60.0
"""How often a lasting outage is told."""


class Witness(Protocol):
    """Who is told of each attempt whether it failed."""

    def failed(self, reason: str) -> None:
        """An attempt failed; `reason` in French, without values."""

    def succeeded(self) -> None:
        """An attempt succeeded."""


class Nobody:
    """The witness of a command: whoever gave it is told by the command itself."""

    def failed(self, reason: str) -> None:
        """Nothing to do."""

    def succeeded(self) -> None:
        """Nothing to do."""


class Told(NamedTuple):
    """One line about an outage."""

    event: str
    seconds: int
    """How long it has lasted."""
    failures: int
    """Attempts that failed so far."""


@dataclass(slots=True)
class Outage:
    """Whether something is away, since when, and what was told of it."""

    since: float | None = None
    failed_at: float = 0.0
    failures: int = 0
    told_at: float = 0.0

    def failed(self, now: float) -> Told | None:
        """An attempt failed. A line at the first, then one a minute at most."""
        self.failed_at = now
        self.failures += 1
        if self.since is None:
            self.since = self.told_at = now
            return Told(STARTED, 0, 1)
        if now - self.told_at < LASTS_SECONDS:
            return None
        self.told_at = now
        return Told(LASTS, int(now - self.since), self.failures)

    def succeeded(self, now: float) -> Told | None:
        """An attempt succeeded. A line where that ends an outage."""
        if self.since is None:
            return None
        told = Told(ENDED, int(now - self.since), self.failures)
        self.since, self.failures = None, 0
        return told

    def quiet_s(self, now: float) -> float:
        """Seconds since the last failure."""
        return now - self.failed_at
