"""Health check of a server that is asked at most once a second, however many callers want the result."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_SECONDS = 1.0

Clock = Callable[[], float]


class Look:
    """Health check of one server. The result is remembered for `LOOK_SECONDS`."""

    def __init__(self, check: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        self._check = check
        self._clock = clock
        self._looking = asyncio.Lock()
        self._seen_at = float("-inf")
        self._answer = False

    async def __call__(self) -> bool:
        """Tell whether the server answers. The result may be up to `LOOK_SECONDS` old."""
        async with self._looking:
            if self._clock() - self._seen_at >= LOOK_SECONDS:
                self._answer = await self._check()
                self._seen_at = self._clock()
            return self._answer
