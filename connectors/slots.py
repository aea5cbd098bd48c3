"""Exchanges with one partner at the same time: no more than its entry says."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.errors import PartnerUnavailable


class Slots:
    """So many at once; who comes later waits until its deadline."""

    def __init__(self, most: int, full: str = "Trop d'envois en cours vers ce partenaire") -> None:
        """`full` is what is told where none is free."""
        self._slots = asyncio.Semaphore(most)
        self._full = full

    @asynccontextmanager
    async def one(self, deadline: float) -> AsyncIterator[None]:
        """A place for one exchange. Raises PartnerUnavailable where none is free by the monotonic `deadline`."""
        await self._take(deadline)
        try:
            yield
        finally:
            self._slots.release()

    async def _take(self, deadline: float) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await self._slots.acquire()
        except TimeoutError as exc:
            raise PartnerUnavailable(self._full) from exc
