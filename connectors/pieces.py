"""Read a connection in small pieces, so that a server's bytes never block the event loop."""

import asyncio
import time
from typing import Generic, TypeVar, cast

COSTLY_SECONDS = 0.001
"""CPU time, in seconds, from which a piece (bytes that are passed on together) counts as costly. After a costly
piece, the reading pauses. Real answers take a tenth of this time. Packets and chunks of one byte take more."""
PAUSE = 9
"""Length of the pause after a costly piece, as a multiple of its CPU time. One server that sends without end thus
takes at most a tenth of the event loop."""
Inner = TypeVar("Inner", bound=asyncio.Protocol)


class InPieces(asyncio.BufferedProtocol, Generic[Inner]):
    """Protocol of asyncio that passes a connection on to `inner`, the protocol of a library. In each turn of the
    event loop, `inner` gets at most one piece of `piece_bytes`."""

    def __init__(self, inner: Inner, piece_bytes: int) -> None:
        self.inner = inner
        self._piece = bytearray(piece_bytes)
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a connection, and tell the library's protocol (`inner`)."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's do not inherit from it
        self.inner.connection_made(transport)

    def get_buffer(self, sizehint: int) -> bytearray:
        """Return the buffer into which asyncio writes the next piece: bytes from the server."""
        return self._piece

    def buffer_updated(self, nbytes: int) -> None:
        """Give `inner` the `nbytes` that have arrived. If they fill a whole piece, read on only in the next
        turn of the event loop. If `inner` needed more than `COSTLY_SECONDS` for them, pause the reading for
        longer."""
        began = time.thread_time()
        self.inner.data_received(bytes(self._piece[:nbytes]))
        took = time.thread_time() - began
        if took < COSTLY_SECONDS and nbytes < len(self._piece):
            return
        if not self._transport.is_closing():
            self._transport.pause_reading()
            self._loop.call_later(0 if took < COSTLY_SECONDS else took * PAUSE, self._read_on)

    def eof_received(self) -> bool | None:
        """Tell the wrapped protocol `inner` that the server sends nothing more."""
        return self.inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell `inner` that its connection is closed."""
        self.inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Tell `inner` to stop writing, because too many bytes wait to be sent."""
        self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Tell `inner`, the wrapped protocol, that it may write again."""
        self.inner.resume_writing()

    def is_held(self) -> bool:
        """Tell whether `inner`, the wrapped protocol, has itself paused the reading. Always False here; a
        subclass answers for a protocol that can pause."""
        return False

    def _read_on(self) -> None:
        if not self._transport.is_closing() and not self.is_held():
            self._transport.resume_reading()
