"""A partner's breaker: a lasting outage opens it, a single probe closes it. Pure; `now` in seconds."""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
PROBE_FIRST_SECONDS = 2.0
PROBE_MAX_SECONDS = 60.0
MISCONFIGURED_SECONDS = 60.0
"""How long a partner whose entry is wrong is left alone; a new registry ends it at once."""


@dataclass(slots=True)
class Breaker:
    """Consecutive failures of one partner, and when it may be tried again."""

    failures: int = 0
    probe_at: float = 0.0
    paused_until: float = 0.0

    def room(self, free: int, in_flight: int, now: float) -> int:
        """How many lanes may be claimed: all that are free, one probe, or none."""
        if now < max(self.probe_at, self.paused_until):
            return 0
        if self.failures >= FAILURES_TO_OPEN:
            return 0 if in_flight else min(free, 1)
        return free

    def succeeded(self) -> None:
        """The partner answered: no outage. A pause goes on; what was sent before it may still come home."""
        self.failures = 0
        self.probe_at = 0.0

    def failed(self, now: float) -> None:
        """The partner did not answer. What was in flight when the breaker opened tells nothing new."""
        if now < self.probe_at:
            return
        self.failures += 1
        if self.failures >= FAILURES_TO_OPEN:
            exponent = min(self.failures - FAILURES_TO_OPEN, 10)
            self.probe_at = now + min(PROBE_FIRST_SECONDS * 2**exponent, PROBE_MAX_SECONDS)

    def pause(self, now: float, seconds: float) -> None:
        """Leave the partner alone: it asked for it, or its entry is wrong."""
        self.paused_until = max(self.paused_until, now + seconds)
