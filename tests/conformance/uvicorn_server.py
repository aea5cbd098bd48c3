"""Serves an ASGI application on a real socket, with the server and parser that the hub uses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from connectors.http_guard import Bounds
from connectors.http_server import DoorServer, listening
from connectors.http_tls import Certificate
from connectors.visits import Room

USUAL, ROOMY = Bounds(), Room()


@asynccontextmanager
async def served(
    app, bounds: Bounds = USUAL, room: Room = ROOMY, certificate: Certificate | None = None, idle_s: int = 75
) -> AsyncIterator[str]:
    """Serve an application until the block ends, and give its base URL. The server is the hub's own, without its
    periodic task."""
    (listener,) = await listening("127.0.0.1", 0)
    config = uvicorn.Config(
        app, ws="none", lifespan="off", access_log=False, log_level="error", timeout_keep_alive=idle_s
    )
    config.load()
    server = DoorServer(config, bounds, room, certificate)
    scheme = "http" if certificate is None else "https"
    base = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"
    await server.startup(sockets=[listener])
    try:
        yield base
    finally:
        for opened in server.servers:
            opened.close()
            await opened.wait_closed()
        for connection in list(server.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)
