"""A partner's breaker: a lasting outage, or a long row of refusals, opens it; a single probe closes it. Pure; `now` in
seconds.

It also holds what a partner may have in flight: twice what it has shown that it answers. One that hangs then
keeps few lanes busy until its time-outs, however much waits for it, and leaves the others theirs.
"""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
REFUSALS_TO_OPEN = 20
"""So many deliveries refused one after the other are no matter of each: a bad release of the partner's, which may not
drain its whole feed into tasks."""
WINDOW_FIRST = 16
"""Lanes in flight to a partner that has not shown yet what it answers, or no longer does."""
PROBE_FIRST_SECONDS = 2.0
PROBE_MAX_SECONDS = 60.0
MISCONFIGURED_SECONDS = 60.0
"""How long a partner whose entry is wrong is left alone; a new registry ends it at once."""


@dataclass(slots=True)
class Breaker:
    """Consecutive failures of one partner, and when it may be tried again."""

    failures: int = 0
    refusals: int = 0
    denied_for: object = None
    """What it last did not let us in with, and nothing since."""
    window: int = WINDOW_FIRST
    """Lanes that may be in flight."""
    probe_at: float = 0.0
    paused_until: float = 0.0

    @property
    def open(self) -> bool:
        """Whether nothing leaves but a probe."""
        return self.failures >= FAILURES_TO_OPEN or self.refusals >= REFUSALS_TO_OPEN

    def room(self, free: int, in_flight: int, now: float) -> int:
        """How many lanes may be claimed: all that are free within the window, one probe, or none."""
        if now < max(self.probe_at, self.paused_until):
            return 0
        if self.open:
            return 0 if in_flight else min(free, 1)
        return min(free, self.window - in_flight)

    def succeeded(self, in_flight: int) -> None:
        """The partner answered: no outage. A pause goes on; what was sent before it may still come home. The
        window grows while at least half of it is in use."""
        if 2 * in_flight >= self.window:
            self.window += 1
        self.failures = self.refusals = 0
        self.denied_for = None
        self.probe_at = 0.0

    def refused(self, now: float) -> None:
        """The partner is there, and said no to a delivery."""
        if now < self.probe_at:
            return
        self.failures, self.denied_for = 0, None
        self.refusals += 1
        if self.refusals >= REFUSALS_TO_OPEN:
            self.window = WINDOW_FIRST
            self.probe_at = now + PROBE_MAX_SECONDS

    def denied(self, now: float, what: object) -> bool:
        """The partner did not let us in, or its entry is wrong: once, that may be about what was sent; with something
        else, and no answer between, it is about us. True when the partner is left alone for that."""
        about_us = self.denied_for not in (None, what)
        self.denied_for = what
        if about_us:
            self.pause(now, MISCONFIGURED_SECONDS)
        return about_us

    def failed(self, now: float) -> None:
        """The partner did not answer. What was in flight when the breaker opened tells nothing new."""
        if now < self.probe_at:
            return
        self.failures += 1
        if self.open:
            self.window = WINDOW_FIRST
            exponent = min(max(self.failures - FAILURES_TO_OPEN, 0), 10)
            self.probe_at = now + min(PROBE_FIRST_SECONDS * 2**exponent, PROBE_MAX_SECONDS)

    def pause(self, now: float, seconds: float) -> None:
        """Leave the partner alone: it asked for it, or its entry is wrong."""
        self.paused_until = max(self.paused_until, now + seconds)
