"""Budgets that limit the bytes of message bodies in memory, for all senders together and for each sender."""

import asyncio
from typing import Self

FILE_MAX_BYTES = 40 * 1024 * 1024
"""Size in bytes of the largest file that the hub fetches from a partner's source."""
SMALL_BYTES = 64 * 1024
"""Size in bytes of the largest message body that counts as small. Small bodies never wait for large ones, at
the gateway or at a source."""


class ByteBudget:
    """Budget of `most` bytes of memory. A budget may lie `within` another one: then bytes are taken from
    both, and either may lack them."""

    def __init__(self, most: int, within: "ByteBudget | None" = None) -> None:
        self._most = self._left = most
        self._within = within
        self._released = asyncio.Event()

    def take(self, size: int) -> bool:
        """Take `size` bytes, and return True. If fewer bytes are left, take nothing and return False."""
        if size > self._left or not (self._within is None or self._within.take(size)):
            return False
        self._left -= size
        return True

    def lacks(self, size: int) -> bool:
        """Tell whether this budget has fewer bytes left than `size`, without regard to the budget `within`
        which it lies."""
        return size > self._left

    def resize(self, most: int) -> None:
        """Set the size of the budget to `most` bytes. Bytes already taken stay taken."""
        self._left += most - self._most
        self._most = most

    async def wait_for(self, size: int) -> None:
        """Wait until `size` bytes are free, and take them. Callers do not queue: a caller that needs fewer
        bytes may come before an earlier one."""
        released = self._whole()._released
        while not self.take(size):
            released.clear()
            await released.wait()

    def release(self, size: int) -> None:
        """Give `size` bytes back to the budget, and wake every waiting caller."""
        self._left += size
        if self._within is not None:
            self._within.release(size)
        self._released.set()

    def _whole(self) -> "ByteBudget":
        return self if self._within is None else self._within._whole()


class WithReserve(ByteBudget):
    """Budget for the files that the hub fetches from one partner. Small files take their bytes from a
    `reserve` that large files never use, so they never wait for a large file of any partner."""

    def __init__(self, most: int, within: ByteBudget, reserve: ByteBudget) -> None:
        super().__init__(most, within)
        self._reserve = reserve

    async def wait_for(self, size: int) -> None:
        """Wait until the bytes of one message are free, and take them: from the reserve for a small message, from the
        shared budget for a large one."""
        await (self._reserve.wait_for(size) if size <= SMALL_BYTES else super().wait_for(size))

    def release(self, size: int) -> None:
        """Give back the bytes of one message, all at once, as they were taken."""
        if size <= SMALL_BYTES:
            self._reserve.release(size)
        else:
            super().release(size)


class Share:
    """Memory of one request's body, given back at the end of the block. The first `small_bytes` count against
    the budget of all bodies, all further bytes also against the budget of the sender's large bodies."""

    def __init__(self, everybody: ByteBudget, large: ByteBudget, small_bytes: int) -> None:
        self._everybody = everybody
        self._large = large
        self._small_left = small_bytes
        self._taken = self._taken_large = 0
        self.over_own = False
        """True if the sender's own budget caused the last refusal to grow, False if the budget of all senders
        did."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def grow(self, size: int) -> bool:
        """Take `size` more bytes for the body, and return True. If a budget has too few bytes left, give the
        whole share back and return False."""
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
        """Give the whole memory share back to the budgets. Idempotent."""
        self._everybody.release(self._taken)
        self._large.release(self._taken_large)
        self._taken = self._taken_large = 0
