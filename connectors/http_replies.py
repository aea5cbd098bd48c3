"""Pool of HTTP connections to partners' servers. It reads their answers in small pieces, and cuts off a server
that sends answers without having received requests."""

import asyncio
from typing import Any, cast

from aiohttp import ClientPayloadError, TCPConnector
from aiohttp.client_proto import ResponseHandler

from connectors.pieces import InPieces

KEEPALIVE_SECONDS = 2.0
"""Time in seconds for which an idle connection to a partner is kept. Servers usually close idle connections
after 5 seconds, and a request on a connection that is just being closed has an unknown outcome."""
HEADS = 16
"""Largest number of heads of answers (`100 Continue` is one) that may wait to be read on a connection."""
PIECE_BYTES = 16 * 1024
"""Largest number of bytes that aiohttp parses in one turn of the event loop. uvloop would give it 250 KB at
once. As HTTP chunks of one byte, so many bytes blocked the loop for half a second."""


class _Replies(ResponseHandler):
    """Parser of the answers on one connection. It cuts the server off when more than `HEADS` answers wait to be
    read.

    aiohttp itself would read any number of `100 Continue`: eight MiB of them blocked the event loop for 1.4 s.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._read_bufsize = PIECE_BYTES  # what aiohttp keeps of an answer that comes before the request

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Queue the head of an answer (status and headers) until it is read. If more than `HEADS` heads are
        queued, cut the server off: it sends answers to requests that it did not get."""
        super().feed_data(data, size)
        if len(self) > HEADS:
            self._buffer.clear()
            self.abort()
            self.set_exception(ClientPayloadError("more answers than requests"))


class _InPieces(InPieces[_Replies]):
    """Connection that hands the answers of a server to aiohttp in small pieces, so that a long answer does
    not block the event loop."""

    def is_held(self) -> bool:
        """Return True if aiohttp has paused the reading: its own buffer is full."""
        return self.inner._reading_paused or self.inner._buffer_paused


class Connector(TCPConnector):
    """Pool of HTTP connections that closes idle connections after `KEEPALIVE_SECONDS`. It has no limit on their
    number."""

    def __init__(self) -> None:
        super().__init__(limit=0, keepalive_timeout=KEEPALIVE_SECONDS)

    async def _wrap_create_connection(
        self, *args: Any, **kwargs: Any
    ) -> tuple[asyncio.Transport, ResponseHandler]:
        # aiohttp has no public way to name the protocol; the first argument makes one of its own
        def reader() -> _InPieces:
            return _InPieces(_Replies(self._loop), PIECE_BYTES)

        transport, reading = await super()._wrap_create_connection(reader, *args[1:], **kwargs)
        return transport, cast(_InPieces, reading).inner
