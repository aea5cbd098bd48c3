"""Limit the rate of a partner's requests: to a number at once after a quiet time, and to a number per second
in the long run."""


class TokenBucket:
    """Bucket of tokens, full at first, which limits a rate of requests. Times are seconds of a monotonic
    clock."""

    def __init__(self, per_second: float, burst: float) -> None:
        self._per_second = per_second
        self._burst = self._tokens = burst
        self._at = 0.0

    def take(self, now: float) -> float:
        """Take a token and return 0. If no token is there, take nothing and return the seconds until the next
        one."""
        self._refill(now)
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_second
        self._tokens -= 1
        return 0.0

    def reserve(self, now: float, within: float) -> float | None:
        """Take a token, even one that is still to come, and return the seconds until it comes. If the token
        comes later than in `within` seconds, take nothing and return None."""
        self._refill(now)
        wait = max(0.0, (1 - self._tokens) / self._per_second)
        if wait > within:
            return None
        self._tokens -= 1
        return wait

    def _refill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._per_second)
        self._at = now
