"""Wake up loops, so that they need not poll. A loop waits for a flag, and goes on when the flag is set."""

import asyncio
import math
import time
from collections import deque

PACE_SECONDS = 0.01
"""Shortest time between two rounds of a loop. Items that come within this time share a round."""
FOLLOWING_SECONDS = 0.002
"""Shortest time between two rounds of a loop whose work comes in groups already."""

CROWD = 4
"""Number of wake-ups within `crowd_s` seconds at which a loop is slowed down to one round every `pace_s`
seconds."""

LONGEST_SECONDS = 3600.0
"""Longest sleep of a loop, in seconds. The heartbeat also wakes the loop up, if there is work."""


class WakeUp:
    """Flag for which a loop waits. A notification or a timer sets it, `wait` clears it."""

    def __init__(self, pace_s: float = PACE_SECONDS, crowd_s: float = math.inf) -> None:
        """Let at least `pace_s` seconds pass between two returns of `wait`. If `crowd_s` is given, this holds only
        while wake-ups are frequent, that is, if the last `CROWD` calls of `set` came within `crowd_s` seconds.
        While wake-ups are rarer, `wait` returns as soon as the flag is set."""
        self._pace_s = pace_s
        self._crowd_s = crowd_s
        self._event = asyncio.Event()
        self._last = 0.0
        self._set_at = deque([0.0] * CROWD, CROWD)

    def set(self) -> None:
        """Set the flag, so that the task that waits in `wait` goes on."""
        self._set_at.append(time.monotonic())
        self._event.set()

    def within(self, seconds: float) -> None:
        """Start a timer that sets the flag after `seconds`. The task that waits in `wait` then goes on after this
        time at the latest. This call does not wait."""
        asyncio.get_running_loop().call_later(seconds, self._event.set)

    async def wait(self, longest_s: float) -> bool:
        """Wait until the flag is set, but no longer than `longest_s` seconds. Clear the flag, and return whether
        it was set. If the flag is set often, the return is delayed until `pace_s` seconds after the previous
        return."""
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
