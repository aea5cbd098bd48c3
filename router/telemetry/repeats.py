"""Let a repeated log text through at most once a minute. Pure; `now` is in seconds of one monotonic clock."""

from collections.abc import Hashable

PAUSE_SECONDS = 60.0
KEPT = 1000
"""Largest number of remembered texts, after which all are forgotten."""


class Repeats:
    """Memory of repeated log texts: when each was last let through, and how often it has come since."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, tuple[float, int]] = {}

    def times(self, text: Hashable, now: float) -> int:
        """Return how often a text has come since it was last let through, this time included; 0 if it may not
        be logged now."""
        let_through_at, held_back = self._seen.get(text, (-PAUSE_SECONDS, 0))
        if now - let_through_at < PAUSE_SECONDS:
            self._seen[text] = let_through_at, held_back + 1
            return 0
        if len(self._seen) >= KEPT:
            self._seen.clear()
        self._seen[text] = now, 0
        return held_back + 1
