"""Limit each repeated text in the technical log to one line a minute. In this module, `now` is a monotonic
time in seconds."""

from collections.abc import Hashable

PAUSE_SECONDS = 60.0
KEPT = 1000
"""Largest number of texts that are remembered. When it is reached, all texts are forgotten."""


class Repeats:
    """Limit on repeated texts in the technical log. It remembers when each text was last written, and how
    often it has come since."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, tuple[float, int]] = {}

    def times(self, text: Hashable, now: float) -> int:
        """Count a log text that comes at the time `now` (monotonic, in seconds). Return 0 if the text was last
        written less than a minute ago: the caller must then not write it. Otherwise return how often the text
        has come since it was last written, this time included."""
        let_through_at, held_back = self._seen.get(text, (-PAUSE_SECONDS, 0))
        if now - let_through_at < PAUSE_SECONDS:
            self._seen[text] = let_through_at, held_back + 1
            return 0
        if len(self._seen) >= KEPT:
            self._seen.clear()
        self._seen[text] = now, 0
        return held_back + 1
