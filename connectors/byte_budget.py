"""Byte budgets: how many bytes of bodies may be in memory, for all together and for each within that."""

import asyncio
from typing import Self


class ByteBudget:
    """At most `most` bytes are taken at a time; of a budget `within` another one, no more than that has left either."""

    def __init__(self, most: int, within: "ByteBudget | None" = None) -> None:
        self._left = most
        self._within = within
        self._released = asyncio.Event()

    def take(self, size: int) -> bool:
        """Take so many bytes; False, and nothing is taken, where fewer are left."""
        if size > self._left or not (self._within is None or self._within.take(size)):
            return False
        self._left -= size
        return True

    async def wait_for(self, size: int) -> None:
        """Take so many bytes as soon as they are left. Not a queue: who wants less may be first."""
        released = self._whole()._released
        while not self.take(size):
            released.clear()
            await released.wait()

    def release(self, size: int) -> None:
        """Give bytes back; whoever waits tries again."""
        self._left += size
        if self._within is not None:
            self._within.release(size)
        self._released.set()

    def share(self) -> "Share":
        """What one request takes of it; a context manager."""
        return Share(self)

    def _whole(self) -> "ByteBudget":
        return self if self._within is None else self._within._whole()


class Share:
    """What one request has taken so far; released at the end of the block."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def grow(self, size: int) -> bool:
        """Take so many bytes more. False where the budget does not have them: then all of the share is released."""
        if not self._budget.take(size):
            self.release()
            return False
        self._size += size
        return True

    def release(self) -> None:
        """Give all of it back. Idempotent."""
        self._budget.release(self._size)
        self._size = 0
