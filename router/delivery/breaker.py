"""Breaker of a partner: a lasting outage opens it, and a single probe closes it. Pure; `now` in seconds.

It also limits the lanes in flight to twice the number that the partner has shown it can answer. A partner that hangs
therefore keeps few lanes busy until their time-outs, however many deliveries are due to it, and the other lanes
serve other partners.
"""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
DENIALS_TO_PAUSE = 5
"""Number of 401 answers in a row that prove our credentials wrong, even if all concern one subject."""
WINDOW_FIRST = 16
"""Lanes in flight to a partner that has not yet shown how many it can answer, or that has stopped answering."""
PROBE_FIRST_SECONDS = 2.0
PROBE_MAX_SECONDS = 60.0
MISCONFIGURED_SECONDS = 60.0
"""Pause of a partner whose entry is wrong. A new registry ends the pause at once."""


@dataclass(slots=True)
class Breaker:
    """Consecutive failures of one partner, and the time of its next attempt."""

    failures: int = 0
    denied_for: object = None
    """The subject of the last 401; None once the partner has answered otherwise."""
    denials: int = 0
    """Number of 401 in a row."""
    window: int = WINDOW_FIRST
    """Number of lanes that may be in flight."""
    probe_at: float = 0.0
    paused_until: float = 0.0

    @property
    def open(self) -> bool:
        """Return whether the breaker holds deliveries back: only a probe may leave."""
        return self.failures >= FAILURES_TO_OPEN

    @property
    def alone_until(self) -> float:
        """Return the time from which the partner may be tried again."""
        return max(self.probe_at, self.paused_until)

    def permits(self, free: int, in_flight: int, now: float) -> int:
        """Return how many more lanes may be claimed: up to the `free` ones that the window allows, one for a probe,
        or none."""
        if now < self.alone_until:
            return 0
        if self.open:
            return 0 if in_flight else min(free, 1)
        return min(free, self.window - in_flight)

    def succeeded(self, in_flight: int) -> None:
        """Record that the partner accepted a delivery, which ends an outage. A pause goes on, because the delivery
        may have left before the pause. The window grows while at least half of it is in use."""
        if 2 * in_flight >= self.window:
            self.window += 1
        self.answered()

    def answered(self) -> None:
        """Record that the partner answered, even if it refused the delivery: it can be reached, and our credentials
        are right."""
        self.failures = self.denials = 0
        self.denied_for = None
        self.probe_at = 0.0

    def denied(self, now: float, subject: object) -> bool:
        """Record that the partner did not let us in, or that its entry is wrong. Return whether it is paused for
        that.

        One 401 may concern one message. A second one for another subject, or several in a row, mean that our
        credentials are wrong. Several in a row count because a process may have a single lane due to the partner,
        and would try it for ever.
        """
        self.denials += 1
        about_us = self.denied_for not in (None, subject) or self.denials >= DENIALS_TO_PAUSE
        self.denied_for = subject
        if about_us:
            self.pause(now, MISCONFIGURED_SECONDS)
        return about_us

    def failed(self, now: float) -> None:
        """Record that the partner did not answer. Failures of lanes in flight when the breaker opened are not
        counted."""
        if now < self.probe_at:
            return
        self.failures += 1
        if self.open:
            self.window = WINDOW_FIRST
            exponent = min(max(self.failures - FAILURES_TO_OPEN, 0), 10)
            self.probe_at = now + min(PROBE_FIRST_SECONDS * 2**exponent, PROBE_MAX_SECONDS)

    def try_now(self) -> None:
        """Let the next delivery leave at once, because a person says that the partner is back. Its result counts."""
        self.probe_at = self.paused_until = 0.0

    def pause(self, now: float, seconds: float) -> None:
        """Claim no lane of the partner for so many seconds, because it asked for a pause or because its entry is
        wrong."""
        self.paused_until = max(self.paused_until, now + seconds)
