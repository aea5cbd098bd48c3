"""Decide when an outage is logged: at its start, once a minute, and at its end. In all functions of this
module, `now` is a monotonic time in seconds."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

STARTED, LASTS, ENDED = "outage.started", "outage.lasts", "outage.ended"
LASTS_SECONDS = 60.0
"""Shortest time between two lines while an outage lasts."""


class Witness(Protocol):
    """Receiver of the outcome of each attempt to reach a server or a partner."""

    def failed(self, reason: str) -> None:
        """Record that an attempt failed. `reason` is in French, without personal values."""

    def succeeded(self) -> None:
        """Record that the server or partner was reached. If an outage had begun, it is over."""


class Nobody:
    """Receiver that ignores the outcomes of attempts to reach a server. Commands use it, because they show a
    failure themselves, to the person who runs them."""

    def failed(self, reason: str) -> None:
        """Do nothing: failed attempts are not recorded."""

    def succeeded(self) -> None:
        """Do nothing: successful attempts are not recorded."""


class Line(NamedTuple):
    """Line of the technical log that says that an outage begins, lasts or ends."""

    event: str
    seconds: int
    """Seconds since the first failed attempt."""
    failures: int


@dataclass(slots=True)
class Outage:
    """State of the attempts to reach one server or partner: whether it is out of reach, and since when."""

    since: float | None = None
    failed_at: float = 0.0
    failures: int = 0
    told_at: float = 0.0

    def failed(self, now: float) -> Line | None:
        """Count an attempt that failed at the time `now`, in seconds. Return the line to log, or None if no
        line is due. A line is due at the first failure of an outage. The next ones are due at failures that
        come at least a minute after the line before."""
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
        """Note a successful attempt made at the time `now`, in seconds. Return the line to log if this ends an
        outage, else None."""
        if self.since is None:
            return None
        line = Line(ENDED, int(now - self.since), self.failures)
        self.since, self.failures = None, 0
        return line

    def quiet_s(self, now: float) -> float:
        """Return how many seconds passed from the last failed attempt until `now`."""
        return now - self.failed_at
