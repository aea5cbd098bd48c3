"""Check whether a server answers, at most once a second, however many callers want the result."""

import asyncio
from collections.abc import Awaitable, Callable

REUSED_SECONDS = 1.0

Clock = Callable[[], float]


class HealthCheck:
    """Health check of one server. Each result is reused for `REUSED_SECONDS`."""

    def __init__(self, check: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        self._check = check
        self._clock = clock
        self._asking = asyncio.Lock()
        self._answered_at = float("-inf")
        self._answer = False

    async def __call__(self) -> bool:
        """Tell whether the checked server, for example PostgreSQL, answers. The result may be up to
        `REUSED_SECONDS` old."""
        async with self._asking:
            if self._clock() - self._answered_at >= REUSED_SECONDS:
                self._answer = await self._check()
                self._answered_at = self._clock()
            return self._answer
