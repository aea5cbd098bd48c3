"""HTTP served by this process: a port that is taken is told before anything begins."""

import asyncio
import socket
from contextlib import nullcontext
from typing import Any

import uvicorn

from contracts.errors import Misconfigured

DRAIN_SECONDS = 20
"""How long what is in flight may take once the process is to end."""
BACKLOG = 2048


def listening(host: str, port: int, setting: str) -> socket.socket:
    """A socket that takes connections. Raises Misconfigured, which names the setting, where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as exc:
        raise Misconfigured(
            f"rien ne peut s'ouvrir sur {host}, port {port} ({exc.strerror}) : un autre programme l'a-t-il pris ? "
            f"({setting})"
        ) from exc


async def serve(app: Any, door: socket.socket) -> None:
    """Serve an ASGI application until cancelled; what is in flight ends first."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    # This process handles signals itself.
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve(sockets=[door]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise
