"""TCP connection that hands bytes to asyncssh in small pieces."""

import asyncio
from collections.abc import Callable

from asyncssh import SSHClientConnection

from connectors.pieces import InPieces

PIECE_BYTES = 4 * 1024
"""Largest number of bytes that asyncssh gets in one turn of the event loop. For each line and each packet,
asyncssh copies all bytes that it has not parsed yet. One MiB of the shortest packets blocked the loop for 3.6
s."""


class Tunnel:
    """Opens TCP connections for `asyncssh.connect`, which takes an instance of this class as its `tunnel`."""

    async def create_connection(
        self, factory: Callable[[], SSHClientConnection], host: str, port: int
    ) -> tuple[asyncio.BaseTransport, SSHClientConnection]:
        """Open a connection, and pass on in small pieces what the server sends. Raises OSError if nobody
        answers."""
        transport, protocol = await asyncio.get_running_loop().create_connection(
            lambda: InPieces(factory(), PIECE_BYTES), host, port
        )
        return transport, protocol.inner
