"""Limit how often a repeated log text is written: at most once a minute. Pure: `now` is a monotonic time in
seconds."""

from collections.abc import Hashable

PAUSE_SECONDS = 60.0
KEPT = 1000
"""Largest number of log texts that are remembered. When this number is reached, all texts are forgotten."""


class Repeats:
    """Remembers, for each log text, when it was last written to the log, and how often it has occurred
    since."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, tuple[float, int]] = {}

    def times(self, text: Hashable, now: float) -> int:
        """Return how often a log text has occurred since it was last written to the log, including this time.
        Return 0 if it was written less than `PAUSE_SECONDS` ago: do not write it now."""
        let_through_at, held_back = self._seen.get(text, (-PAUSE_SECONDS, 0))
        if now - let_through_at < PAUSE_SECONDS:
            self._seen[text] = let_through_at, held_back + 1
            return 0
        if len(self._seen) >= KEPT:
            self._seen.clear()
        self._seen[text] = now, 0
        return held_back + 1
