"""Connect to partners' HTTP servers, and parse their responses in small pieces, so that other tasks can run
in between. A server that sends responses without requests is cut off."""

import asyncio
import time
from functools import partial
from typing import Any

from aiohttp import ClientPayloadError, TCPConnector
from aiohttp.client_proto import ResponseHandler

from connectors.pieces import COSTLY_SECONDS, PAUSE

KEEPALIVE_SECONDS = 2.0
"""Time for which an idle connection is kept.

It is short because a request on a connection that the server is closing has an unknown outcome. Servers
usually close an idle connection after 5 seconds.
"""
HEADS = 16
"""Limit on the heads of responses that wait on a connection until the hub reads them. A `100 Continue` counts
too."""
PIECE_BYTES = 16 * 1024
"""Maximum number of bytes that aiohttp parses at a time. Parsing 250 KB of one-byte chunks at once would
block the event loop for half a second."""


class _Replies(ResponseHandler):
    """Parser of the HTTP responses on one connection. After bytes that took long to parse, it pauses, so that
    other tasks can run. It closes the connection if more than 16 responses (`HEADS`) wait to be read by the
    hub."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._unparsed = b""
        self._is_pausing = False
        self._end: tuple[BaseException | None] | None = None

    def data_received(self, data: bytes) -> None:
        """Parse bytes from the server. During a pause in reading, keep them until the pause ends."""
        if not data:
            super().data_received(data)  # aiohttp itself goes on with what it has kept
        elif self._is_pausing:
            self._unparsed += data
        else:
            self._parse(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell aiohttp that the connection is lost, but only once all bytes that have arrived are parsed.
        `exc`: the error that ended the connection, if any."""
        if self._is_pausing:
            self._end = (exc,)
        else:
            super().connection_lost(exc)

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """If the connection is closing, but not yet lost, do nothing: `connection_lost` comes next, and gets
        the true cause, such as a server that refuses the hub's certificate. Otherwise, make the waiting
        request fail with `exc`."""
        is_closing = self.transport is not None and self.transport.is_closing()
        if self._connection_lost_called or not is_closing:
            super().set_exception(exc, *cause)

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Keep the parsed head of a response (`data`) until somebody reads it. If more than `HEADS` heads wait,
        close the connection."""
        super().feed_data(data, size)
        if len(self) > HEADS:
            self._buffer.clear()
            self.abort()
            self.set_exception(ClientPayloadError("more answers than requests"))

    def _parse(self, data: bytes) -> None:
        for at in range(0, len(data), PIECE_BYTES):
            if self._exception is not None:
                return
            began = time.thread_time()
            super().data_received(data[at : at + PIECE_BYTES])
            took = time.thread_time() - began
            if took >= COSTLY_SECONDS:
                self._unparsed, self._is_pausing = data[at + PIECE_BYTES :], True
                self._pause_transport_reading()
                self._loop.call_later(took * PAUSE, self._go_on)
                return

    def _go_on(self) -> None:
        data, self._unparsed, self._is_pausing = self._unparsed, b"", False
        self._parse(data)
        if self._is_pausing:
            return
        if self._end is not None:
            super().connection_lost(*self._end)
        elif not (self._reading_paused or self._buffer_paused):
            self._resume_transport_reading()

    def _resume_transport_reading(self) -> None:
        if not self._is_pausing:  # aiohttp resumes whenever its reader has taken something
            super()._resume_transport_reading()


class Connector(TCPConnector):
    """Pool of HTTP connections. Their number is unlimited, and a connection that is idle for
    `KEEPALIVE_SECONDS` is closed."""

    def __init__(self) -> None:
        super().__init__(limit=0, keepalive_timeout=KEEPALIVE_SECONDS)
        # aiohttp has no public way to name the protocol, and its type is that of its own
        self._factory = partial(_Replies, loop=self._loop)  # type: ignore[assignment]
