"""Leave a failing partner alone until a probe gets through: the partner's circuit breaker. A lasting outage opens
the breaker, and one successful probe closes it. `now` is always a monotonic time, in seconds.

The breaker also limits the lanes in flight: to about twice the number that the partner has so far been able to
take at the same time. So when the partner hangs, few lanes hang with it.

A denial is a delivery that failed because the partner refused our credentials (HTTP status 401), or because its
registry entry is wrong.
"""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
DENIALS_TO_PAUSE = 5
"""Number of denials in a row, all about one subject, after which deliveries to the partner pause."""
IN_FLIGHT_FIRST = 16
"""Lanes that may be in flight to a partner of unknown speed, or to a partner that has stopped responding."""
PROBE_FIRST_SECONDS = 2.0
PROBE_MAX_SECONDS = 60.0
MISCONFIGURED_SECONDS = 60.0
"""Seconds without deliveries if the registry entry or our credentials are wrong. A change of the entry ends
the pause."""


@dataclass(slots=True)
class Breaker:
    """State of one partner's circuit breaker."""

    failures: int = 0
    denied_for: object = None
    """Subject of the last delivery that was denied. None if the partner has responded otherwise since."""
    denials: int = 0
    """Number of denials in a row."""
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
        """Return how many more lanes to the partner may start now: none if the result is 0 or negative. The
        partner already has `in_flight` lanes in flight, and its registry entry allows `free` more. The breaker
        allows `in_flight_at_most` lanes in all; while it is open, only one, as a probe. Before `wait_until`,
        the result is 0."""
        if now < self.wait_until:
            return 0
        if self.open:
            return 0 if in_flight else min(free, 1)
        return min(free, self.in_flight_at_most - in_flight)

    def succeeded(self, in_flight: int) -> None:
        """Record that the partner accepted a delivery. This closes the breaker, but ends no pause. `in_flight`
        is the number of lanes to the partner that were in flight. If the breaker allows at most twice this
        number, it allows one more lane from now on."""
        if 2 * in_flight >= self.in_flight_at_most:
            self.in_flight_at_most += 1
        self.answered()

    def answered(self) -> None:
        """Record that the partner can be reached and accepts our credentials. This closes the breaker. The partner's
        response was not 401, but may have been a refusal of the delivery."""
        self.failures = self.denials = 0
        self.denied_for = None
        self.probe_at = 0.0

    def denied(self, now: float, subject: object) -> bool:
        """Record a denial: a delivery about `subject` failed because the partner refused our credentials, or
        because its registry entry is wrong. Return True if deliveries to the partner now pause. They pause
        after two denials in a row about different subjects, and after `DENIALS_TO_PAUSE` denials in a row about
        one subject."""
        self.denials += 1
        about_us = self.denied_for not in (None, subject) or self.denials >= DENIALS_TO_PAUSE
        self.denied_for = subject
        if about_us:
            self.pause(now, MISCONFIGURED_SECONDS)
        return about_us

    def failed(self, now: float) -> None:
        """Record that the partner did not respond. `FAILURES_TO_OPEN` failures in a row open the breaker. Each
        further failure postpones the next probe. A failure before the time of the next probe does not count,
        because its delivery was sent before the breaker opened."""
        if now < self.probe_at:
            return
        self.failures += 1
        if self.open:
            self.in_flight_at_most = IN_FLIGHT_FIRST
            exponent = min(max(self.failures - FAILURES_TO_OPEN, 0), 10)
            self.probe_at = now + min(PROBE_FIRST_SECONDS * 2**exponent, PROBE_MAX_SECONDS)

    def try_now(self) -> None:
        """Allow the next delivery at once, because an operator has asked for it. This does not close an open
        breaker."""
        self.probe_at = self.paused_until = 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Allow no delivery to the partner until `seconds` after `now`. A longer pause that is under way goes
        on."""
        self.paused_until = max(self.paused_until, now + seconds)
