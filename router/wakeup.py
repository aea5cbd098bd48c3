"""Wake-ups instead of polls: a flag that many may set and one loop waits for, with a longest wait."""

import asyncio


class WakeUp:
    """Set by a notification; `wait` returns then, or after the longest wait."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Something may be there."""
        self._event.set()

    async def wait(self, longest_s: float) -> None:
        """Until set, or `longest_s` seconds."""
        try:
            async with asyncio.timeout(longest_s):
                await self._event.wait()
        except TimeoutError:
            pass
        self._event.clear()
