"""A rate with a burst: so many at once after a quiet time, so many a second in the long run."""


class TokenBucket:
    """Full at first. Times are seconds of a monotonic clock."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = self._tokens = burst
        self._at = 0.0

    def take(self, now: float) -> float:
        """Take a token. 0 where there was one; else nothing is taken, and this is how long until there is."""
        self._refill(now)
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_second
        self._tokens -= 1
        return 0.0

    def reserve(self, now: float, within: float) -> float | None:
        """Take a token that may only be there in so many seconds; how long until then. None where that is longer than
        `within`, and nothing is taken."""
        self._refill(now)
        wait = max(0.0, (1 - self._tokens) / self._per_second)
        if wait > within:
            return None
        self._tokens -= 1
        return wait

    def _refill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
