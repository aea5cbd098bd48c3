"""Limit the number of simultaneous exchanges with one partner."""

import asyncio
import time

from contracts.errors import PartnerUnavailable


class Slots:
    """Limit on simultaneous exchanges with one partner. Each exchange needs a slot."""

    def __init__(self, most: int, full: str = "Trop d'envois en cours vers ce partenaire") -> None:
        """Allow at most `most` exchanges at a time. `full`: French text of the error for an exchange that gets
        no slot before its deadline."""
        self._slots = asyncio.Semaphore(most)
        self._full = full

    def one(self, deadline: float) -> "Slot":
        """Return a slot for one exchange, to be used in an `async with` block. The start of the block waits for
        a free slot. It raises PartnerUnavailable if none is free by the monotonic time `deadline`."""
        return Slot(self._slots, self._full, deadline)


class Slot:
    """Right to one exchange with a partner, held while its `async with` block runs."""

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
