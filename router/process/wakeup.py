"""Wake-ups instead of polls: a flag that many callers may set and one loop waits for, with a longest and a shortest
wait."""

import asyncio

PACE_SECONDS = 0.01
"""Shortest time between two rounds of a loop. A round costs as much for one item as for fifty, so items that arrive
close together share it."""
FOLLOWING_SECONDS = 0.002
"""Shortest time between two rounds of a loop that receives its work in groups from another loop, which keeps
`PACE_SECONDS`."""

LONGEST_SECONDS = 3600.0
"""Longest wait of a loop that the heartbeat wakes up: if there may be something to do, it does so within seconds."""


class WakeUp:
    """Flag, set by a notification or by the clock, for which `wait` waits."""

    def __init__(self, pace_s: float = PACE_SECONDS) -> None:
        self._pace_s = pace_s
        self._event = asyncio.Event()
        self._last = 0.0

    def set(self) -> None:
        """Wake up the loop: there may be something to do."""
        self._event.set()

    def within(self, seconds: float) -> None:
        """Set the flag in so many seconds, whatever else sets it before."""
        asyncio.get_running_loop().call_later(seconds, self._event.set)

    async def wait(self, longest_s: float) -> bool:
        """Wait for the flag, at most `longest_s` seconds. Return whether it was set, and clear it.

        Two calls return at least `pace_s` seconds apart.
        """
        now = asyncio.get_running_loop().time
        try:
            async with asyncio.timeout(longest_s):
                await self._event.wait()
        except TimeoutError:
            pass
        if (early_s := self._last + self._pace_s - now()) > 0:
            await asyncio.sleep(early_s)
        self._last = now()
        is_set = self._event.is_set()
        self._event.clear()
        return is_set
