"""Limit the memory that message bodies take: one budget holds for all senders together, and one for each
sender."""

import asyncio
from typing import Self

FILE_MAX_BYTES = 40 * 1024 * 1024
"""Size of the largest file that the hub fetches from a partner."""
SMALL_BYTES = 64 * 1024
"""Largest size of a small body. Small bodies never wait for large ones."""


class ByteBudget:
    """Limit on the bytes of messages in memory at the same time. `most`: the limit; `within`: a larger
    budget, if any, from which the same bytes are also taken."""

    def __init__(self, most: int, within: "ByteBudget | None" = None) -> None:
        self._most = self._left = most
        self._within = within
        self._released = asyncio.Event()

    def take(self, size: int) -> bool:
        """Take `size` bytes from this budget, and from the larger budget of which it is a part (`within`), if
        any. If either has too few bytes left, take none and return False."""
        if size > self._left or not (self._within is None or self._within.take(size)):
            return False
        self._left -= size
        return True

    def lacks(self, size: int) -> bool:
        """Tell whether fewer than `size` bytes are left in this budget itself. The larger budget that contains
        this one, if any, is not looked at."""
        return size > self._left

    def resize(self, most: int) -> None:
        """Set the size of the budget. Bytes already taken stay taken."""
        self._left += most - self._most
        self._most = most

    async def wait_for(self, size: int) -> None:
        """Wait until `size` bytes are free in this budget and in the larger budget of which it is a part
        (`within`), if any; then take them from both. A caller that needs few bytes may overtake one that
        needs many."""
        released = self._whole()._released
        while not self.take(size):
            released.clear()
            await released.wait()

    def release(self, size: int) -> None:
        """Give `size` bytes back to this budget, and to the larger budget of which it is a part (`within`),
        if any. Wake all callers that wait for bytes."""
        self._left += size
        if self._within is not None:
            self._within.release(size)
        self._released.set()

    def _whole(self) -> "ByteBudget":
        return self if self._within is None else self._within._whole()


class WithReserve(ByteBudget):
    """Budget of bytes for the files fetched from one partner. Files of at most `SMALL_BYTES` use a separate
    budget, `reserve`, and so never wait for large files."""

    def __init__(self, most: int, within: ByteBudget, reserve: ByteBudget) -> None:
        super().__init__(most, within)
        self._reserve = reserve

    async def wait_for(self, size: int) -> None:
        """Wait until there is room for a message of `size` bytes, and take these bytes. A message of at most
        `SMALL_BYTES` takes them from the separate budget for small messages, so that it never waits for a large
        one."""
        await (self._reserve.wait_for(size) if size <= SMALL_BYTES else super().wait_for(size))

    def release(self, size: int) -> None:
        """Give back the bytes of one message, to the budget from which `wait_for` took them. `size` must be the
        same as in the call of `wait_for`."""
        if size <= SMALL_BYTES:
            self._reserve.release(size)
        else:
            super().release(size)


class Share:
    """Memory for the body of one request, given back at the end of the `with` block. All bytes count in the
    budget of all senders. The bytes beyond the first `small_bytes` also count in the partner's own budget."""

    def __init__(self, everybody: ByteBudget, large: ByteBudget, small_bytes: int) -> None:
        self._everybody = everybody
        self._large = large
        self._small_left = small_bytes
        self._taken = self._taken_large = 0
        self.over_own = False
        """Whether the last `grow` failed because the partner's own budget had too few bytes left. False if
        only the budget of all senders had too few."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def grow(self, size: int) -> bool:
        """Reserve `size` more bytes of memory for the request's body, and return True. If too few bytes are
        left, give back all that were reserved for this body, and return False."""
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
        """Give back all bytes that this share has taken for the body of its request. Idempotent."""
        self._everybody.release(self._taken)
        self._large.release(self._taken_large)
        self._taken = self._taken_large = 0
