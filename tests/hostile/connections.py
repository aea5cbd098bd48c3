"""Raw bytes that somebody without a key can send to a server of the hub."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

PATIENCE_SECONDS = 30.0
"""Longest time to wait for the server's reaction."""

HEAD = b"POST /v1/messages HTTP/1.1\r\nHost: hub\r\n"


class Line:
    """A raw connection to a server of the hub."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, base: str, **more: Any) -> "Line":
        address = urlsplit(base)
        return cls(*await asyncio.open_connection(address.hostname, address.port, **more))

    async def say(self, *pieces: bytes) -> None:
        """Send these bytes. Stops silently when the server closes the connection."""
        with suppress(ConnectionError):
            for piece in pieces:
                self._writer.write(piece)
                await self._writer.drain()

    async def rest(self) -> bytes:
        """Return everything that the server sends until it closes, then close the connection. Raises TimeoutError."""
        said = b""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with suppress(ConnectionError):
                while data := await self._reader.read(65536):
                    said += data
        self.hang_up()
        return said

    async def answer(self) -> bytes:
        """Return one answer; the connection stays open. Raises TimeoutError."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return head + await self._reader.readexactly(length)

    async def babble(self, piece: bytes) -> bytes:
        """Send the same bytes again and again until the server closes; return everything that it sent."""
        babbling = asyncio.create_task(self._babble(piece))
        try:
            return await self.rest()
        finally:
            babbling.cancel()

    async def _babble(self, piece: bytes) -> None:
        with suppress(ConnectionError):
            while True:
                self._writer.write(piece)
                await self._writer.drain()
                await asyncio.sleep(0.001)  # slowly, or megabytes would be in flight

    def peer_certificate(self) -> bytes:
        """Return the certificate that the server showed in the TLS handshake."""
        shown = self._writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        assert isinstance(shown, bytes)
        return shown

    def hang_up(self) -> None:
        self._writer.transport.abort()


def too_large() -> Iterator[tuple[str, bytes]]:
    """Yield heads of requests that are too large, each with a name."""
    yield "one header of 64 KiB", HEAD + b"X-Long: " + b"x" * 65536 + b"\r\n\r\n"
    yield "10,000 headers", HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n"
    yield "an address of 64 KiB", b"GET /" + b"x" * 65536 + b" HTTP/1.1\r\nHost: hub\r\n\r\n"
    yield "a header without an end", HEAD + b"X-Long: " + b"x" * 300_000
    yield "one header too many", HEAD + b"X-A: y\r\n" * 100 + b"\r\n"


def rubbish() -> Iterator[tuple[str, bytes]]:
    """Yield bytes that are no valid HTTP, each with a name."""
    yield "bytes", bytes(range(128, 256)) * 4
    yield "a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64)
    yield "another protocol", b"EHLO intrus\r\n"
    yield "no such version", b"GET / HTTP/9.9\r\n\r\n"
    yield "two lengths", HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"
    yield "length and chunks", HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield "a negative length", HEAD + b"Content-Length: -1\r\n\r\n"
    yield "a chunk that is none", HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"
