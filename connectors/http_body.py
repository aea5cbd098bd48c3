"""Read the body of a request, within limits on its size as sent, its size when unpacked, and the time that it
takes to arrive."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any

from connectors.answer import CLOSE, Answer, Stop
from connectors.byte_budget import SMALL_BYTES, Share
from connectors.problem import BODIES_TOO_LARGE, UNAVAILABLE, problem

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_GZIP_WINDOW_BITS = 31
PIECE_BYTES = 256 * 1024
"""Maximum number of bytes of a gzip body that are unpacked at a time. This takes about half a millisecond."""
MEMBERS = 10_000
"""Limit on the members (separately compressed parts) of one gzip body."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on the bodies of requests: size, memory, and time to arrive. All bytes of all bodies under way
    count against `together_bytes`. The bytes after the first `small_bytes` of each body also count against
    `large_bytes`, which is smaller: large bodies thus leave memory for small ones."""

    body_bytes: int = 20 * 1024 * 1024
    unpacked_bytes: int = 40 * 1024 * 1024
    together_bytes: int = 88 * 1024 * 1024
    large_bytes: int = 80 * 1024 * 1024
    small_bytes: int = SMALL_BYTES
    body_seconds: float = 120.0


class Disconnected(Exception):
    """Raised if the sender hangs up before its message is complete."""


async def read_body(receive: Receive, limits: Limits, share: Share, *, gzip: bool) -> bytes:
    """Return the whole body of a request, unpacked if `gzip`. The body's memory is taken from `share`, which
    gives it back at the end of its own `with` block.

    Raises Disconnected if the sender hangs up; Stop if the body is damaged, too slow, too large, or if the
    memory does not suffice.
    """
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
    """Return the 413 response to a body above `max_bytes`. The connection is closed after this response."""
    return problem(
        413,
        "message-trop-volumineux",
        "Message trop volumineux",
        f"Le message dépasse {max_bytes / 1024**2:g} Mio. Envoyez-le en plusieurs messages.",
        headers=CLOSE,
    )


async def _parts(receive: Receive, max_bytes: int, share: Share, unpacker: "_Gunzip | None") -> list[bytes]:
    parts: list[bytes] = []
    size, draining = 0, False
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > max_bytes:
            raise Stop(too_large(max_bytes))
        for part in [chunk] if unpacker is None or draining else unpacker.feed(chunk):
            draining = draining or not share.grow(len(part))
            if draining:
                parts.clear()  # drain the body: a sender cut off mid-upload would not see our answer
                break
            parts.append(part)
            if unpacker is not None:
                await asyncio.sleep(0)  # unpacking sixty kilobytes may take as long as a hundred messages
        if not message.get("more_body", False):
            if draining:
                raise Stop(BODIES_TOO_LARGE if share.over_own else UNAVAILABLE)
            return parts


class _Gunzip:
    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._left = max_bytes
        self._members = 1
        self._member = zlib.decompressobj(_GZIP_WINDOW_BITS)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Unpack the next bytes of the body, in pieces of at most `PIECE_BYTES`. Raises Stop: 400 for damaged
        data, 413 if the unpacked body is too large."""
        while data:
            if self._member.eof:
                self._begin_another()
            try:
                piece = self._member.decompress(data, PIECE_BYTES)
            except zlib.error as exc:
                raise Stop(_damaged()) from exc
            self._left -= len(piece)
            if self._left < 0:
                raise Stop(too_large(self._max_bytes))
            yield piece
            data = self._member.unconsumed_tail or self._member.unused_data

    def _begin_another(self) -> None:
        self._members += 1
        if self._members > MEMBERS:
            raise Stop(_damaged())
        self._member = zlib.decompressobj(_GZIP_WINDOW_BITS)

    def finish(self) -> None:
        """Check that the gzip body ended properly. Raises Stop (400) if it did not."""
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
