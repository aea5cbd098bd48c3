"""When a simulated partner sends a message: in order or, in a bad mood, late, overtaken or repeated."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

from simulation.moods import Mood

LATE_SECONDS = (3.0, 12.0)
AGAIN_SECONDS = (5.0, 90.0)
HELD_SECONDS = 4.0
"""Longest time that a message is held back for another to overtake it."""


def times(manner: Mood | None) -> int:
    """Return the number of copies of a message to send at once."""
    return 2 if manner is Mood.TWICE else 1


class Turns:
    """The order in which one partner sends its messages."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._held: asyncio.Event | None = None
        self._later: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def turn(self, manner: Mood | None) -> AsyncIterator[None]:
        """Enter the block when it is time to send, as `manner` says. A message held back leaves after another
        one, or after `HELD_SECONDS`."""
        if manner is Mood.LATE:
            await asyncio.sleep(self._chance.uniform(*LATE_SECONDS))
        overtaken = None
        if manner is Mood.SWAPPED:
            overtaken, self._held = self._held, None
            if overtaken is None:
                await self._wait_for_another()
        try:
            yield
        finally:
            if overtaken is not None:
                overtaken.set()

    def later(self, again: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Call `again` some time later, to repeat a message."""

        async def wait_and_send() -> None:
            await asyncio.sleep(self._chance.uniform(*AGAIN_SECONDS))
            await again()

        task = asyncio.create_task(wait_and_send())
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def close(self) -> None:
        """Cancel the repetitions still to come."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)

    async def _wait_for_another(self) -> None:
        mine = self._held = asyncio.Event()
        with suppress(TimeoutError):
            await asyncio.wait_for(mine.wait(), HELD_SECONDS)
        if self._held is mine:
            self._held = None
