"""Circuit breaker of one partner. A lasting outage opens it, and one successful trial delivery (probe) closes
it. Pure: `now` is in seconds.

The breaker also limits how many lanes are in flight, so that few lanes hang when the partner hangs. A lane is
the deliveries to one partner about one subject, such as a referral. The limit is about twice the number of
deliveries that the partner has answered at the same time so far.
"""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
DENIALS_TO_PAUSE = 5
"""Number of 401 responses in a row after which the hub's credentials count as wrong."""
WINDOW_FIRST = 16
"""Number of deliveries that may be in flight to a partner of unknown speed, or to a partner that has stopped
responding."""
PROBE_FIRST_SECONDS = 2.0
PROBE_MAX_SECONDS = 60.0
MISCONFIGURED_SECONDS = 60.0
"""Seconds for which no delivery is sent to a partner whose registry entry or credentials are wrong. A change
of the entry ends the pause."""


@dataclass(slots=True)
class Breaker:
    """State of one partner's circuit breaker: the number of failures in a row, and the time of the next
    attempt."""

    failures: int = 0
    denied_for: object = None
    """Subject (such as a referral) of the delivery that got the last 401 response. None if the partner has
    responded otherwise since."""
    denials: int = 0
    """Number of 401 responses in a row."""
    window: int = WINDOW_FIRST
    """Number of deliveries to the partner that may be in flight at once."""
    probe_at: float = 0.0
    paused_until: float = 0.0

    @property
    def open(self) -> bool:
        """Tell whether the breaker is open. While it is open, only one delivery at a time may be sent, as a
        probe."""
        return self.failures >= FAILURES_TO_OPEN

    @property
    def alone_until(self) -> float:
        """Return the time, in seconds of the monotonic clock, until which nothing may be sent to the partner."""
        return max(self.probe_at, self.paused_until)

    def permits(self, free: int, in_flight: int, now: float) -> int:
        """Return how many more deliveries to the partner may start.

        The number is 0 before `alone_until`, and 1 for a probe while the breaker is open. Otherwise it is
        at most `free`, and so small that at most `window` deliveries are in flight.
        """
        if now < self.alone_until:
            return 0
        if self.open:
            return 0 if in_flight else min(free, 1)
        return min(free, self.window - in_flight)

    def succeeded(self, in_flight: int) -> None:
        """Record that the partner accepted a delivery. This ends an outage, but not a pause. The window
        (number of deliveries allowed in flight) grows by one if at least half of it is in use."""
        if 2 * in_flight >= self.window:
            self.window += 1
        self.answered()

    def answered(self) -> None:
        """Record that the partner responded, even with a refusal. So the partner can be reached, and the
        hub's credentials are right."""
        self.failures = self.denials = 0
        self.denied_for = None
        self.probe_at = 0.0

    def denied(self, now: float, subject: object) -> bool:
        """Record that a delivery about `subject` (such as a referral) failed because of a wrong setting: the
        partner refused the hub's credentials (401), or the partner's registry entry is wrong. Return True if
        deliveries to the partner now pause.

        A single 401 may concern one message only. The hub's credentials count as wrong after a 401 for a
        second subject. They also count as wrong after `DENIALS_TO_PAUSE` in a row, because this process may
        deliver messages about one subject only.
        """
        self.denials += 1
        about_us = self.denied_for not in (None, subject) or self.denials >= DENIALS_TO_PAUSE
        self.denied_for = subject
        if about_us:
            self.pause(now, MISCONFIGURED_SECONDS)
        return about_us

    def failed(self, now: float) -> None:
        """Record that the partner did not respond to a delivery. A failure before `probe_at` is not counted:
        that delivery was in flight already when the breaker opened."""
        if now < self.probe_at:
            return
        self.failures += 1
        if self.open:
            self.window = WINDOW_FIRST
            exponent = min(max(self.failures - FAILURES_TO_OPEN, 0), 10)
            self.probe_at = now + min(PROBE_FIRST_SECONDS * 2**exponent, PROBE_MAX_SECONDS)

    def try_now(self) -> None:
        """Allow the next delivery at once, because an operator says that the partner can be reached. If this
        delivery fails, the breaker stays open."""
        self.probe_at = self.paused_until = 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Send nothing to the partner for `seconds` from `now`."""
        self.paused_until = max(self.paused_until, now + seconds)
