"""Wake up loops, so that they need not poll. A caller sets a flag, and the loop waits for the flag. The wait
has a shortest and a longest time."""

import asyncio
import math
import time
from collections import deque

PACE_SECONDS = 0.01
"""Shortest time, in seconds, between two rounds of a loop. Items that arrive within this time share a round.
"""
FOLLOWING_SECONDS = 0.002
"""Shortest time, in seconds, between two rounds of a loop whose work comes in groups already. Such a loop need
not wait for `PACE_SECONDS` to collect more items."""

CROWD = 4
"""Number of wake-ups within `crowd_s` seconds from which a loop is slowed down. Its rounds are then at least
`pace_s` seconds apart."""

LONGEST_SECONDS = 3600.0
"""Longest sleep of a loop, in seconds, if nothing wakes it up. It is meant for loops that the heartbeat wakes
up too."""


class WakeUp:
    """Flag that wakes a loop. The loop waits in `wait`, which clears the flag. A notification or a timer sets
    it."""

    def __init__(self, pace_s: float = PACE_SECONDS, crowd_s: float = math.inf) -> None:
        """Make a flag that wakes up a loop. Two calls of `wait` return at least `pace_s` seconds apart.

        With `crowd_s`, calls keep this distance only while the flag is set often: at least `CROWD` times
        within `crowd_s` seconds.
        """
        self._pace_s = pace_s
        self._crowd_s = crowd_s
        self._event = asyncio.Event()
        self._last = 0.0
        self._set_at = deque([0.0] * CROWD, CROWD)

    def set(self) -> None:
        """Wake the waiting loop, because there may be work to do."""
        self._set_at.append(time.monotonic())
        self._event.set()

    def within(self, seconds: float) -> None:
        """Wake the waiting loop in `seconds` from now."""
        asyncio.get_running_loop().call_later(seconds, self._event.set)

    async def wait(self, longest_s: float) -> bool:
        """Wait until the flag is set, at most `longest_s` seconds, and clear it. Return whether it was set.
        If the flag is set often, wait at least until `pace_s` seconds after the previous return."""
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
