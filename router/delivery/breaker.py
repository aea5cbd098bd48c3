"""Circuit breaker of one partner. A lasting outage opens it, and one successful probe closes it. Pure: `now`
is in seconds.

The breaker also limits the lanes in flight to about twice the deliveries that the partner has answered at the
same time so far: when the partner hangs, few lanes hang with it.
"""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
DENIALS_TO_PAUSE = 5
"""Number of 401 responses in a row after which the hub's credentials count as wrong."""
IN_FLIGHT_FIRST = 16
"""Lanes that may be in flight to a partner of unknown speed, or to one that has stopped responding."""
PROBE_FIRST_SECONDS = 2.0
PROBE_MAX_SECONDS = 60.0
MISCONFIGURED_SECONDS = 60.0
"""Seconds without deliveries if the entry or our credentials are wrong. A change of the entry ends the pause.
"""


@dataclass(slots=True)
class Breaker:
    """State of one partner's circuit breaker."""

    failures: int = 0
    denied_for: object = None
    """Subject of the delivery that got the last 401. None if the partner has responded otherwise since."""
    denials: int = 0
    """Number of 401 responses in a row."""
    in_flight_at_most: int = IN_FLIGHT_FIRST
    """Largest number of lanes in flight."""
    probe_at: float = 0.0
    paused_until: float = 0.0

    @property
    def open(self) -> bool:
        """Tell whether the breaker is open. Only a probe may then be sent."""
        return self.failures >= FAILURES_TO_OPEN

    @property
    def wait_until(self) -> float:
        """Return the monotonic time, in seconds, before which nothing may be sent."""
        return max(self.probe_at, self.paused_until)

    def permits(self, free: int, in_flight: int, now: float) -> int:
        """Return how many more lanes may start: 0 before `wait_until`, at most 1 (the probe) while the breaker
        is open, otherwise up to `free`, as long as `in_flight_at_most` allows them."""
        if now < self.wait_until:
            return 0
        if self.open:
            return 0 if in_flight else min(free, 1)
        return min(free, self.in_flight_at_most - in_flight)

    def succeeded(self, in_flight: int) -> None:
        """Record that the partner accepted a delivery. This closes the breaker, but does not end a pause.
        `in_flight_at_most` grows by one if the lanes in flight are at least half of it."""
        if 2 * in_flight >= self.in_flight_at_most:
            self.in_flight_at_most += 1
        self.answered()

    def answered(self) -> None:
        """Record that the partner responded, even with a refusal: the partner can be reached, and accepts our
        credentials."""
        self.failures = self.denials = 0
        self.denied_for = None
        self.probe_at = 0.0

    def denied(self, now: float, subject: object) -> bool:
        """Record that the partner refused our credentials (401) for `subject`, or that its registry entry is
        wrong. Return True if deliveries now pause.

        A single 401 may concern one message only. Our credentials count as wrong after a 401 for a second
        subject, or after `DENIALS_TO_PAUSE` responses with 401 in a row.
        """
        self.denials += 1
        about_us = self.denied_for not in (None, subject) or self.denials >= DENIALS_TO_PAUSE
        self.denied_for = subject
        if about_us:
            self.pause(now, MISCONFIGURED_SECONDS)
        return about_us

    def failed(self, now: float) -> None:
        """Record that the partner did not respond. Ignore a failure before `probe_at`: that delivery left
        before the breaker opened."""
        if now < self.probe_at:
            return
        self.failures += 1
        if self.open:
            self.in_flight_at_most = IN_FLIGHT_FIRST
            exponent = min(max(self.failures - FAILURES_TO_OPEN, 0), 10)
            self.probe_at = now + min(PROBE_FIRST_SECONDS * 2**exponent, PROBE_MAX_SECONDS)

    def try_now(self) -> None:
        """Allow the next delivery at once, because an operator has asked for it. If this delivery fails, the
        breaker stays open."""
        self.probe_at = self.paused_until = 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Send nothing to the partner for `seconds` from `now`."""
        self.paused_until = max(self.paused_until, now + seconds)
