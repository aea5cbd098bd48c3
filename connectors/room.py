"""Room for bodies in memory: a bound on bytes over all who share it, some of them within a share of their own."""

import asyncio
from typing import Self


class Room:
    """Bytes in memory: never more than `most`, nor than the room that this one is a share of has left."""

    def __init__(self, most: int, within: "Room | None" = None) -> None:
        self._left = most
        self._within = within
        self._given_back = asyncio.Event()

    def take(self, size: int) -> bool:
        """False where there is not so much left."""
        if size > self._left or not (self._within is None or self._within.take(size)):
            return False
        self._left -= size
        return True

    async def wait_for(self, size: int) -> None:
        """Take so many bytes as soon as they are free; whoever wants less may be first."""
        given_back = self._whole()._given_back
        while not self.take(size):
            given_back.clear()
            await given_back.wait()

    def give_back(self, size: int) -> None:
        """There is room for others again."""
        self._left += size
        if self._within is not None:
            self._within.give_back(size)
        self._given_back.set()

    def share(self) -> "Share":
        """What one request holds of it; a context manager."""
        return Share(self)

    def _whole(self) -> "Room":
        return self if self._within is None else self._within._whole()


class Share:
    """One request's part of the room; given back at the end of the block."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def grow(self, size: int) -> bool:
        """Hold so many bytes more; False, and nothing is held any more, where there is no room for them."""
        if not self._room.take(size):
            self.drop()
            return False
        self._size += size
        return True

    def drop(self) -> None:
        """Hold nothing."""
        self._room.give_back(self._size)
        self._size = 0
