"""Exchanges with one partner at the same time: no more than its entry says."""

import asyncio
import time

from contracts.errors import PartnerUnavailable


class Slots:
    """So many at once; who comes later waits until its deadline."""

    def __init__(self, most: int, full: str = "Trop d'envois en cours vers ce partenaire") -> None:
        """`full` is what is told where none is free."""
        self._slots = asyncio.Semaphore(most)
        self._full = full

    def one(self, deadline: float) -> "Slot":
        """For the block of an `async with`, a place for one exchange. Raises PartnerUnavailable where none is free by
        the monotonic `deadline`."""
        return Slot(self._slots, self._full, deadline)


class Slot:
    """A place for one exchange, until the end of the block."""

    __slots__ = ("_deadline", "_full", "_slots")

    def __init__(self, slots: asyncio.Semaphore, full: str, deadline: float) -> None:
        self._slots, self._full, self._deadline = slots, full, deadline

    async def __aenter__(self) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(self._deadline - time.monotonic()):
                await self._slots.acquire()
        except TimeoutError as exc:
            raise PartnerUnavailable(self._full) from exc

    async def __aexit__(self, *_: object) -> None:
        self._slots.release()
