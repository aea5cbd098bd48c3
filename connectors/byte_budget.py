"""Byte budgets: how many bytes of bodies may be in memory, for all together and for each within that."""

import asyncio
from typing import Self

FILE_MAX_BYTES = 40 * 1024 * 1024
"""Of one file that a source offers."""
SMALL_BYTES = 64 * 1024
"""What is no larger waits for no large one, at the door and where the hub picks up."""


class ByteBudget:
    """At most `most` bytes are taken at a time; of a budget `within` another one, no more than that has left either."""

    def __init__(self, most: int, within: "ByteBudget | None" = None) -> None:
        self._most = self._left = most
        self._within = within
        self._released = asyncio.Event()

    def take(self, size: int) -> bool:
        """Take so many bytes; False, and nothing is taken, where fewer are left."""
        if size > self._left or not (self._within is None or self._within.take(size)):
            return False
        self._left -= size
        return True

    def lacks(self, size: int) -> bool:
        """Whether fewer bytes are left of this budget itself, whatever has become of the one that it is within."""
        return size > self._left

    def resize(self, most: int) -> None:
        """Let it be so many bytes from now on; what is taken stays taken."""
        self._left += most - self._most
        self._most = most

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

    def _whole(self) -> "ByteBudget":
        return self if self._within is None else self._within._whole()


class WithReserve(ByteBudget):
    """The bytes that one partner's pickups may take. Messages of `SMALL_BYTES` at most take theirs of a `reserve` that
    no large one touches: however long large ones are held, and by whom, they wait for each other alone."""

    def __init__(self, most: int, within: ByteBudget, reserve: ByteBudget) -> None:
        super().__init__(most, within)
        self._reserve = reserve

    async def wait_for(self, size: int) -> None:
        """Take the bytes of one message as soon as they are left."""
        await (self._reserve.wait_for(size) if size <= SMALL_BYTES else super().wait_for(size))

    def release(self, size: int) -> None:
        """Give the bytes of one message back: of all of it, as they were taken."""
        if size <= SMALL_BYTES:
            self._reserve.release(size)
        else:
            super().release(size)


class Share:
    """What one body takes of memory, released at the end of the block: its first `small_bytes` of the budget for `all`
    bodies, what is beyond of the one for the `large` bodies of its sender."""

    def __init__(self, everybody: ByteBudget, large: ByteBudget, small_bytes: int) -> None:
        self._everybody = everybody
        self._large = large
        self._small_left = small_bytes
        self._taken = self._taken_large = 0
        self.over_own = False
        """Why it did not grow: its sender has taken what it may have; else all together have."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def grow(self, size: int) -> bool:
        """Take so many bytes more. False where a budget does not have them: then all of the share is released."""
        small = min(size, self._small_left)
        if not self._grow(small, size - small):
            self.release()
            return False
        self._small_left -= small
        return True

    def _grow(self, small: int, large: int) -> bool:
        if not self._everybody.take(small):
            return False
        self._taken += small
        if not self._large.take(large):
            self.over_own = self._large.lacks(large)
            return False
        self._taken_large += large
        return True

    def release(self) -> None:
        """Give all of it back. Idempotent."""
        self._everybody.release(self._taken)
        self._large.release(self._taken_large)
        self._taken = self._taken_large = 0
