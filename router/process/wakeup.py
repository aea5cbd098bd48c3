"""Wake up a loop instead of letting it poll: callers set a flag, and the loop waits for it, within a shortest
and a longest time."""

import asyncio
import math
import time
from collections import deque

PACE_SECONDS = 0.01
"""Shortest time between two rounds of a loop, so that items that arrive together share a round."""
FOLLOWING_SECONDS = 0.002
"""Shortest time between two rounds of a loop that gets its work in groups."""

CROWD = 4
"""Number of wake-ups within `crowd_s` seconds from which a loop slows down."""

LONGEST_SECONDS = 3600.0
"""Longest wait of a loop that the heartbeat also wakes up."""


class WakeUp:
    """Flag that a notification or the clock sets, and that `wait` clears."""

    def __init__(self, pace_s: float = PACE_SECONDS, crowd_s: float = math.inf) -> None:
        """Make a flag. After `CROWD` wake-ups within `crowd_s` seconds, `wait` returns at most once in
        `pace_s` seconds. Without `crowd_s`, it always does."""
        self._pace_s = pace_s
        self._crowd_s = crowd_s
        self._event = asyncio.Event()
        self._last = 0.0
        self._set_at = deque([0.0] * CROWD, CROWD)

    def set(self) -> None:
        """Wake up the loop, because there may be work."""
        self._set_at.append(time.monotonic())
        self._event.set()

    def within(self, seconds: float) -> None:
        """Set the flag after this number of seconds, unless it is set earlier."""
        asyncio.get_running_loop().call_later(seconds, self._event.set)

    async def wait(self, longest_s: float) -> bool:
        """Wait for the flag, at most `longest_s` seconds, and clear it. Return whether it was set.

        After many wake-ups within a short time, two calls return at least `pace_s` seconds apart.
        """
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(longest_s):
                await self._event.wait()
        except TimeoutError:
            pass
        is_crowd = self._set_at[-1] - self._set_at[0] < self._crowd_s
        if is_crowd and (early_s := self._last + self._pace_s - now()) > 0:
            await asyncio.sleep(early_s)
        self._last = now()
        is_set = self._event.is_set()
        self._event.clear()
        return is_set
