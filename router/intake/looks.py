"""Check a part of the hub once a second at most, however many ask."""

import asyncio
from collections.abc import Awaitable, Callable

LOOK_SECONDS = 1.0

Clock = Callable[[], float]


class Look:
    """The answer of a check, at most `LOOK_SECONDS` old. Callers that ask during a check share its answer."""

    def __init__(self, check: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        self._check = check
        self._clock = clock
        self._looking = asyncio.Lock()
        self._seen_at = float("-inf")
        self._answer = False

    async def __call__(self) -> bool:
        """Return whether the part answers, or answered a moment ago."""
        async with self._looking:
            if self._clock() - self._seen_at >= LOOK_SECONDS:
                self._answer = await self._check()
                self._seen_at = self._clock()
            return self._answer
