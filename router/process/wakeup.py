"""Wake-ups instead of polling: a flag that many callers may set and one loop waits for, with a longest and a
shortest wait."""

import asyncio
import math
import time
from collections import deque

PACE_SECONDS = 0.01
"""Shortest time between two rounds of a loop. A round costs as much for one item as for fifty, so items that
arrive close together should share it."""
FOLLOWING_SECONDS = 0.002
"""Shortest time between two rounds of a loop that gets its work in groups, because the loop before it already
keeps `PACE_SECONDS`."""

CROWD = 4
"""Number of wake-ups, close together, that make a crowd."""

LONGEST_SECONDS = 3600.0
"""Longest wait of a loop that the heartbeat also wakes up, within seconds, if there may be something to do."""


class WakeUp:
    """Flag that a notification or the clock sets, and that `wait` clears."""

    def __init__(self, pace_s: float = PACE_SECONDS, crowd_s: float = math.inf) -> None:
        """Make a flag. `wait` keeps `pace_s` seconds between two rounds only in a crowd: `CROWD` wake-ups
        within `crowd_s` seconds. By default any wake-ups are a crowd."""
        self._pace_s = pace_s
        self._crowd_s = crowd_s
        self._event = asyncio.Event()
        self._last = 0.0
        self._set_at = deque([0.0] * CROWD, CROWD)

    def set(self) -> None:
        """Wake up the loop, because there may be something to do."""
        self._set_at.append(time.monotonic())
        self._event.set()

    def within(self, seconds: float) -> None:
        """Set the flag in this number of seconds, unless something else sets it sooner."""
        asyncio.get_running_loop().call_later(seconds, self._event.set)

    async def wait(self, longest_s: float) -> bool:
        """Wait for the flag, at most `longest_s` seconds. Return whether it was set, and clear it.

        If wake-ups come in a crowd, two calls return at least `pace_s` seconds apart.
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
