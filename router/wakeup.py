"""Wake-ups instead of polls: a flag that many may set and one loop waits for, with a longest and a shortest wait."""

import asyncio
import math

PACE_SECONDS = 0.01
"""Shortest time between two rounds of a loop: what comes in a crowd is taken in a crowd, for a round costs the same
for one as for fifty."""


class WakeUp:
    """Set by a notification; `wait` returns then, or after the longest wait."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._last = 0.0
        self._longest_s = math.inf

    def set(self) -> None:
        """Something may be there."""
        self._event.set()

    def within(self, seconds: float) -> None:
        """Let the next wait be no longer than that."""
        self._longest_s = min(self._longest_s, seconds)

    async def wait(self, longest_s: float) -> None:
        """Until set, or `longest_s` seconds; never sooner after the last time than PACE_SECONDS."""
        longest_s, self._longest_s = min(longest_s, self._longest_s), math.inf
        try:
            async with asyncio.timeout(longest_s):
                await self._event.wait()
        except TimeoutError:
            pass
        now = asyncio.get_running_loop().time
        if (early_s := self._last + PACE_SECONDS - now()) > 0:
            await asyncio.sleep(early_s)
        self._last = now()
        self._event.clear()
