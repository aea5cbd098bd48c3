"""A text that comes again and again is let through once a minute. Pure; `now` in seconds of one monotonic clock."""

from collections.abc import Hashable

PAUSE_SECONDS = 60.0
KEPT = 1000
"""Texts that are remembered at most; beyond, all are forgotten and come through once more."""


class Repeats:
    """When each text was let through last, and how often it came since."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, tuple[float, int]] = {}

    def times(self, text: Hashable, now: float) -> int:
        """How often it came since it was let through, this time included; 0 where it is to be kept back."""
        let_through_at, held_back = self._seen.get(text, (-PAUSE_SECONDS, 0))
        if now - let_through_at < PAUSE_SECONDS:
            self._seen[text] = let_through_at, held_back + 1
            return 0
        if len(self._seen) >= KEPT:
            self._seen.clear()
        self._seen[text] = now, 0
        return held_back + 1
