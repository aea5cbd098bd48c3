"""Run the gateway as an HTTP server. The library uvicorn handles the requests. The hub limits the connections."""

import asyncio
import resource
import socket
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import structlog
import uvicorn

from connectors.http_guard import Bounds
from connectors.http_server import DoorServer
from connectors.http_tls import Certificate
from connectors.visits import Room
from contracts.errors import Misconfigured
from router.settings import HttpSettings
from router.settings.lines import is_this_machine

logger = structlog.get_logger()
OTHER_FILES = 500
"""Number of file descriptors reserved for other uses than client connections."""


async def serve(app: Any, http: HttpSettings, drain_seconds: int, door: Sequence[socket.socket] = ()) -> None:
    """Serve the application until cancelled. Requests in progress then have `drain_seconds` to end. `door` has open
    sockets on which to serve. If it is empty, the port in `http` is opened. Raises Misconfigured if the port or the
    certificate cannot be used."""
    server = DoorServer(
        _config(app, http, drain_seconds),
        Bounds(http.max_head_bytes, http.max_headers, http.head_s),
        Room(_connections(http), http.max_connections_of_one_address, http.proxies),
        _certificate(http),
    )
    # This process handles signals itself.
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve(list(door)))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


def _config(app: Any, http: HttpSettings, drain_seconds: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=http.host,
        port=http.port,
        ws="none",
        log_config=None,  # uvicorn's lines go to the log of the process
        log_level="error",  # its warnings quote bytes from clients
        access_log=False,
        lifespan="off",
        proxy_headers=bool(http.proxies),
        forwarded_allow_ips=[str(network) for network in http.proxies],
        server_header=False,
        date_header=False,
        timeout_keep_alive=http.idle_s,
        timeout_graceful_shutdown=drain_seconds,
    )


def _connections(http: HttpSettings) -> int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = http.max_connections + OTHER_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(http.max_connections, max(1, soft - OTHER_FILES))


def _certificate(http: HttpSettings) -> Certificate | None:
    if http.certificate_file is None or http.key_file is None:
        if http.certificate_file is not http.key_file:
            raise Misconfigured("la porte : HTTP__CERTIFICATE_FILE et HTTP__KEY_FILE vont ensemble")
        if not http.proxies and not is_this_machine(http.host):
            logger.warning(
                "gateway.in_clear", reason="ni certificat, ni proxy nommé : les clés d'API passent en clair"
            )
        return None
    return Certificate(http.certificate_file, http.key_file)
