"""Reading a request's body within bounds: size on the wire, size unpacked, and time."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Self

from connectors.answer import CLOSE, Answer, Stop
from connectors.problem import UNAVAILABLE, problem

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_GZIP_WINDOW_BITS = 31


@dataclass(frozen=True, slots=True)
class Limits:
    """What the front door takes. `body_bytes` is counted on the wire, `unpacked_bytes` after gzip, and
    `together_bytes` over all messages that are at the door at once; no less than one of them may have."""

    body_bytes: int = 20 * 1024 * 1024
    unpacked_bytes: int = 100 * 1024 * 1024
    together_bytes: int = 100 * 1024 * 1024
    body_seconds: float = 120.0


class Disconnected(Exception):
    """The sender hung up before its message was complete: there is nobody to answer."""


class Room:
    """Bytes of bodies in memory, over all requests of a process: never more than `most`."""

    def __init__(self, most: int) -> None:
        self._left = most

    def share(self) -> "Share":
        """What one request holds of it; a context manager."""
        return Share(self)

    def take(self, size: int) -> bool:
        """False where there is not so much left."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """There is room for others again."""
        self._left += size


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


async def read_body(receive: Receive, limits: Limits, share: Share, *, gzip: bool) -> bytes:
    """The whole body, unpacked. Raises Stop (400, 408, 413, 503) or Disconnected."""
    unpacker = _Gunzip(limits.unpacked_bytes) if gzip else None
    try:
        async with asyncio.timeout(limits.body_seconds):
            parts = await _parts(receive, limits.body_bytes, share, unpacker)
    except TimeoutError as exc:
        raise Stop(_too_slow(limits.body_seconds)) from exc
    if unpacker is not None:
        unpacker.finish()
    return parts[0] if len(parts) == 1 else b"".join(parts)


def too_large(max_bytes: int) -> Answer:
    """413; the connection closes, for the rest of the body is not read."""
    return problem(
        413,
        "message-trop-volumineux",
        "Message trop volumineux",
        f"Le message dépasse {max_bytes / 1024**2:g} Mio. Envoyez-le en plusieurs messages.",
        headers=CLOSE,
    )


async def _parts(receive: Receive, max_bytes: int, share: Share, unpacker: "_Gunzip | None") -> list[bytes]:
    parts: list[bytes] = []
    size, room = 0, True
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            raise Stop(too_large(max_bytes))
        part = chunk if unpacker is None else unpacker.feed(chunk)
        room = room and share.grow(len(part))
        if room:
            parts.append(part)
        else:
            parts.clear()  # read to its end and dropped: a sender cut off would not hear when to come back
        if not message.get("more_body", False):
            if not room:
                raise Stop(UNAVAILABLE)
            return parts


class _Gunzip:
    """Unpacks piece by piece and never holds more than the cap, whatever the ratio."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._member = zlib.decompressobj(_GZIP_WINDOW_BITS)

    def feed(self, data: bytes) -> bytes:
        """What these bytes unpack to. Raises Stop: 400 for damage, 413 above the cap."""
        pieces = []
        while data:
            if self._member.eof:
                self._member = zlib.decompressobj(_GZIP_WINDOW_BITS)
            try:
                pieces.append(self._member.decompress(data, self._left + 1))
            except zlib.error as exc:
                raise Stop(_damaged()) from exc
            self._left -= len(pieces[-1])
            if self._left < 0:
                raise Stop(too_large(self._max_bytes))
            data = self._member.unused_data
        return b"".join(pieces)

    def finish(self) -> None:
        """Raises Stop (400) when the end is missing."""
        if not self._member.eof:
            raise Stop(_damaged())


def _damaged() -> Answer:
    return problem(
        400,
        "compression-illisible",
        "Contenu compressé illisible",
        "Le contenu annoncé comme gzip est abîmé ou incomplet. Renvoyez-le, au besoin sans compression.",
        headers=CLOSE,
    )


def _too_slow(seconds: float) -> Answer:
    return problem(
        408,
        "message-trop-lent",
        "Message trop lent",
        f"Le message n'était pas arrivé en entier au bout de {seconds:g} s. Renvoyez-le.",
        headers=CLOSE,
    )
