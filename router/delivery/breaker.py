"""Breaker of a partner: a lasting outage opens it, and one successful probe (trial delivery) closes it. Pure;
`now` is in seconds.

It also limits the lanes in flight to twice the number that the partner has shown it can answer, so that a
partner that hangs holds up few of them. A lane is the deliveries to one partner about one subject, in order.
"""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
DENIALS_TO_PAUSE = 5
"""Number of 401 answers in a row after which our credentials count as wrong."""
WINDOW_FIRST = 16
"""Number of deliveries in flight allowed to a partner of unknown speed, or one that has stopped answering."""
PROBE_FIRST_SECONDS = 2.0
PROBE_MAX_SECONDS = 60.0
MISCONFIGURED_SECONDS = 60.0
"""Seconds for which deliveries to a partner pause if its registry entry is wrong. A new registry ends the
pause."""


@dataclass(slots=True)
class Breaker:
    """Consecutive failures of one partner, and the time of its next attempt."""

    failures: int = 0
    denied_for: object = None
    """Subject of the last 401 answer; None if the partner has answered anything else since."""
    denials: int = 0
    """Number of 401 answers in a row."""
    window: int = WINDOW_FIRST
    """Number of deliveries to the partner that may be in flight at once."""
    probe_at: float = 0.0
    paused_until: float = 0.0

    @property
    def open(self) -> bool:
        """Tell whether the breaker is open: then only one delivery may be sent, as a probe."""
        return self.failures >= FAILURES_TO_OPEN

    @property
    def alone_until(self) -> float:
        """Return the time before which nothing is sent to the partner."""
        return max(self.probe_at, self.paused_until)

    def permits(self, free: int, in_flight: int, now: float) -> int:
        """Return how many more deliveries to the partner may begin: 0 before `alone_until`, 1 as a probe
        while the breaker is open, otherwise at most `free` and what the window allows."""
        if now < self.alone_until:
            return 0
        if self.open:
            return 0 if in_flight else min(free, 1)
        return min(free, self.window - in_flight)

    def succeeded(self, in_flight: int) -> None:
        """Record that the partner accepted a delivery, which ends an outage but not a pause. The window grows
        while at least half of it is in use."""
        if 2 * in_flight >= self.window:
            self.window += 1
        self.answered()

    def answered(self) -> None:
        """Record that the partner answered, even with a refusal: it can be reached, and our credentials are
        right."""
        self.failures = self.denials = 0
        self.denied_for = None
        self.probe_at = 0.0

    def denied(self, now: float, subject: object) -> bool:
        """Record a 401 answer or a wrong entry, and return True if the partner is now paused.

        One 401 may concern one message only. A 401 for a second subject, or `DENIALS_TO_PAUSE` in a row, means that
        our credentials are wrong: a process with a single lane to the partner never sees a second subject.
        """
        self.denials += 1
        about_us = self.denied_for not in (None, subject) or self.denials >= DENIALS_TO_PAUSE
        self.denied_for = subject
        if about_us:
            self.pause(now, MISCONFIGURED_SECONDS)
        return about_us

    def failed(self, now: float) -> None:
        """Record that the partner did not answer a delivery. Deliveries that were in flight when the breaker
        opened are not counted."""
        if now < self.probe_at:
            return
        self.failures += 1
        if self.open:
            self.window = WINDOW_FIRST
            exponent = min(max(self.failures - FAILURES_TO_OPEN, 0), 10)
            self.probe_at = now + min(PROBE_FIRST_SECONDS * 2**exponent, PROBE_MAX_SECONDS)

    def try_now(self) -> None:
        """Allow the next delivery at once, because a person says that the partner can be reached. If it
        fails, the breaker stays open."""
        self.probe_at = self.paused_until = 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Send nothing to the partner for so many seconds."""
        self.paused_until = max(self.paused_until, now + seconds)
