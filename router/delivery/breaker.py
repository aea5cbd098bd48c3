"""A partner's breaker: a lasting outage, or a long row of refusals, opens it; a single probe closes it. Pure; `now` in
seconds.

It also limits the lanes in flight to a partner, to twice what it has shown that it answers: one that hangs keeps few
lanes busy until their time-outs, however much waits for it, and leaves the others theirs.
"""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
REFUSALS_TO_OPEN = 20
"""So many refusals in a row are one fault of the partner's, a bad release perhaps: its whole feed must not become
tasks."""
DENIALS_TO_PAUSE = 5
"""So many 401 in a row, if only for one subject, are taken for a fault of our credentials."""
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
    """The subject of the last 401; None once the partner has answered anything else."""
    denials: int = 0
    """401 in a row."""
    window: int = WINDOW_FIRST
    """Lanes that may be in flight."""
    probe_at: float = 0.0
    paused_until: float = 0.0

    @property
    def open(self) -> bool:
        """Whether nothing leaves but a probe."""
        return self.failures >= FAILURES_TO_OPEN or self.refusals >= REFUSALS_TO_OPEN

    @property
    def alone_until(self) -> float:
        """When the partner may be tried again."""
        return max(self.probe_at, self.paused_until)

    def permits(self, free: int, in_flight: int, now: float) -> int:
        """How many more lanes may be claimed: what the window leaves of the `free` ones, one probe, or none."""
        if now < self.alone_until:
            return 0
        if self.open:
            return 0 if in_flight else min(free, 1)
        return min(free, self.window - in_flight)

    def succeeded(self, in_flight: int) -> None:
        """The partner took a delivery: no outage. A pause goes on, for this one may have left before it. The window
        grows while at least half of it is in use."""
        if 2 * in_flight >= self.window:
            self.window += 1
        self.failures = self.refusals = self.denials = 0
        self.denied_for = None
        self.probe_at = 0.0

    def refused(self, now: float) -> None:
        """The partner is there, and said no to a delivery."""
        if now < self.probe_at:
            return
        self.failures, self.denied_for, self.denials = 0, None, 0
        self.refusals += 1
        if self.refusals >= REFUSALS_TO_OPEN:
            self.window = WINDOW_FIRST
            self.probe_at = now + PROBE_MAX_SECONDS

    def denied(self, now: float, subject: object) -> bool:
        """The partner did not let us in, or its entry is wrong. One 401 may concern one message; a second one, for
        another subject, or a row of them, means our credentials: True, and the partner is left alone for a while. A
        process that may be denied alone would else take the one message that waits each time before the others do."""
        self.denials += 1
        about_us = self.denied_for not in (None, subject) or self.denials >= DENIALS_TO_PAUSE
        self.denied_for = subject
        if about_us:
            self.pause(now, MISCONFIGURED_SECONDS)
        return about_us

    def failed(self, now: float) -> None:
        """The partner did not answer. Failures of what was in flight when the breaker opened are not counted."""
        if now < self.probe_at:
            return
        self.failures += 1
        if self.open:
            self.window = WINDOW_FIRST
            exponent = min(max(self.failures - FAILURES_TO_OPEN, 0), 10)
            self.probe_at = now + min(PROBE_FIRST_SECONDS * 2**exponent, PROBE_MAX_SECONDS)

    def try_now(self) -> None:
        """Somebody says that the partner is back: the next delivery may leave at once. What comes of it counts."""
        self.probe_at = self.paused_until = 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Claim no lane of the partner for so long: it asked for it, or its entry is wrong."""
        self.paused_until = max(self.paused_until, now + seconds)
