"""Pool of HTTP connections to partners' servers. It cuts off a server that sends answers without having
received requests."""

from functools import partial
from typing import Any

from aiohttp import ClientPayloadError, TCPConnector
from aiohttp.client_proto import ResponseHandler

KEEPALIVE_SECONDS = 2.0
"""Time in seconds for which an idle connection to a partner is kept. Servers usually close idle connections
after 5 seconds, and a request on a connection that is just being closed has an unknown outcome."""
HEADS = 16
"""Largest number of heads of answers (`100 Continue` is one) that may wait to be read on a connection."""


class _Replies(ResponseHandler):
    """Reader of the answers on one connection. It cuts the server off when more than `HEADS` answers wait to be
    read.

    aiohttp itself would read any number of `100 Continue`: eight MiB of them blocked the event loop for 1.4 s.
    """

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Parse bytes of the server. Cut the server off if too many heads of answers wait to be read."""
        super().feed_data(data, size)
        if len(self) > HEADS:
            self._buffer.clear()
            self.abort()
            self.set_exception(ClientPayloadError("more answers than requests"))


class Connector(TCPConnector):
    """Pool of HTTP connections, of unlimited number, that closes idle connections after
    `KEEPALIVE_SECONDS`."""

    def __init__(self) -> None:
        super().__init__(limit=0, keepalive_timeout=KEEPALIVE_SECONDS)
        # aiohttp has no public way to name the protocol, and its type is that of its own
        self._factory = partial(_Replies, loop=self._loop)  # type: ignore[assignment]
