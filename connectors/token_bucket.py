"""Limit how often something may be done: several times at once after a quiet time, then a number of times per
second."""


class TokenBucket:
    """Limit on how often something may be done: each time costs a token. The bucket starts full, with `burst`
    tokens, and gains `per_second` tokens a second. Times are seconds of a monotonic clock."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = self._tokens = burst
        self._at = 0.0

    def take(self, now: float) -> float:
        """Take a token, and return 0. If the bucket is empty, take none, and return the seconds until the next
        token."""
        self._refill(now)
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_second
        self._tokens -= 1
        return 0.0

    def reserve(self, now: float, within: float) -> float | None:
        """Take the next token, and return the seconds until it comes. If this is more than `within` seconds,
        take no token and return None."""
        self._refill(now)
        wait = max(0.0, (1 - self._tokens) / self._per_second)
        if wait > within:
            return None
        self._tokens -= 1
        return wait

    def _refill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
