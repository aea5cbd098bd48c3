"""Connect to SSH servers by TCP, and hand the received bytes to asyncssh in small pieces."""

import asyncio
import time
from collections.abc import Callable
from typing import cast

from asyncssh import SSHClientConnection

from connectors.pieces import COSTLY_SECONDS, PAUSE

PIECE_BYTES = 4 * 1024
"""Limit on the bytes that asyncssh gets in one turn of the event loop. asyncssh copies all unparsed bytes for
each packet: one MiB of the shortest packets blocked the loop for 3.6 s."""


class _InPieces(asyncio.BufferedProtocol):
    """Protocol that hands asyncssh the received bytes in small pieces, so that other tasks can run between two
    pieces. After a piece that took asyncssh long to parse, the protocol stops reading for a while."""

    def __init__(self, inner: SSHClientConnection) -> None:
        self.inner = inner
        self._piece = bytearray(PIECE_BYTES)
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's do not inherit from it
        self.inner.connection_made(transport)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._piece

    def buffer_updated(self, nbytes: int) -> None:
        began = time.thread_time()
        self.inner.data_received(bytes(self._piece[:nbytes]))
        took = time.thread_time() - began
        if took < COSTLY_SECONDS and nbytes < PIECE_BYTES:
            return
        if not self._transport.is_closing():
            self._transport.pause_reading()
            self._loop.call_later(0 if took < COSTLY_SECONDS else took * PAUSE, self._read_on)

    def eof_received(self) -> None:
        self.inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self.inner.connection_lost(exc)

    def _read_on(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()


class Tunnel:
    """Opener of TCP connections for asyncssh, passed to `asyncssh.connect` as `tunnel`. Its connections hand
    over the received bytes in small pieces, so that asyncssh does not block the process."""

    async def create_connection(
        self, factory: Callable[[], SSHClientConnection], host: str, port: int
    ) -> tuple[asyncio.BaseTransport, SSHClientConnection]:
        """Open a TCP connection to an SSH server, and hand asyncssh the received bytes in small pieces.
        Raises OSError if no connection can be made."""
        transport, protocol = await asyncio.get_running_loop().create_connection(
            lambda: _InPieces(factory()), host, port
        )
        return transport, protocol.inner
