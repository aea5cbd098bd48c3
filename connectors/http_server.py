"""Accept, count and serve the connections to the gateway, with TLS if there is a certificate."""

import asyncio
import socket
from contextlib import suppress
from functools import partial

import structlog
import uvicorn

from connectors.http_guard import Bounds, GuardedProtocol
from connectors.http_tls import Certificate
from connectors.problem import problem
from connectors.visits import Room, Visits
from connectors.wire import on_the_wire
from contracts.errors import Misconfigured

logger = structlog.get_logger()
BACKLOG = 2048
PAUSE_SECONDS = 0.2
"""Pause after a connection could not be accepted, for example because the process has run out of file
descriptors."""

FULL = problem(
    503,
    "trop-de-connexions",
    "Trop de connexions",
    "Toutes les connexions du hub sont occupées. Renvoyez la même requête, avec la même clé, après le délai indiqué.",
    retry_after=5,
)


class DoorServer(uvicorn.Server):
    """Server of one ASGI application. When it is asked to exit, it first finishes the requests under way."""

    def __init__(
        self, config: uvicorn.Config, bounds: Bounds, room: Room, certificate: Certificate | None = None
    ) -> None:
        super().__init__(config)
        self._bounds = bounds
        self._visits = Visits(room)
        self._certificate = certificate
        self._connecting: set[asyncio.Task[None]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the sockets, and accept connections. Raises Misconfigured if the address is not available."""
        opened = sockets or await listening(self.config.host, self.config.port)
        # A _Listener has what uvicorn asks of a server: close and wait_closed.
        self.servers = [_Listener(self, each) for each in opened]  # type: ignore[misc]
        self.started = True

    def welcome(self, accepted: socket.socket, host: str) -> None:
        """Serve a connection accepted from the address `host`. If there are too many connections, close an idle
        one; if none is idle, close the new one."""
        connecting: asyncio.Task[None] | None = None
        protocol: GuardedProtocol | None = None

        def give_way() -> None:
            if protocol is not None and protocol.transport is not None:
                protocol.transport.abort()  # an answer that it has not read by now will never be read
            elif connecting is not None:
                connecting.cancel()

        visit = self._visits.begin(host, give_way)
        if visit is None:
            self._turn_away(accepted)
            return
        protocol = GuardedProtocol(
            self.config,
            self.server_state,
            self._bounds,
            busy=partial(self._visits.busy, visit),
            waits=partial(self._visits.waits, visit),
            gone=partial(self._visits.end, visit),
        )
        connecting = asyncio.create_task(self._connect(accepted, protocol))
        self._connecting.add(connecting)
        connecting.add_done_callback(partial(self._connected, accepted, protocol))

    async def _connect(self, accepted: socket.socket, protocol: GuardedProtocol) -> None:
        loop = asyncio.get_running_loop()
        context = self._certificate.context() if self._certificate is not None else None
        seconds = self._bounds.head_seconds if context is not None else None
        await loop.connect_accepted_socket(
            lambda: protocol, accepted, ssl=context, ssl_handshake_timeout=seconds
        )

    def _connected(
        self, accepted: socket.socket, protocol: GuardedProtocol, connecting: asyncio.Task[None]
    ) -> None:
        self._connecting.discard(connecting)
        failure = None if connecting.cancelled() else connecting.exception()
        if connecting.cancelled() or failure is not None:
            protocol.gone()
            accepted.close()
        if failure is not None and not isinstance(failure, OSError):  # TLS and network errors
            raise failure

    def _turn_away(self, accepted: socket.socket) -> None:
        with accepted, suppress(OSError):
            if self._certificate is None:
                accepted.send(on_the_wire(FULL))

    def hang_up_handshakes(self) -> None:
        """Close all connections that are still in their TLS handshake."""
        for connecting in self._connecting:
            connecting.cancel()


class _Listener:
    def __init__(self, server: DoorServer, listening: socket.socket) -> None:
        self._server = server
        self._accepting = asyncio.create_task(self._accept(listening))
        self._accepting.add_done_callback(lambda _: listening.close())

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, peer = await loop.sock_accept(listening)
            except OSError as exc:
                logger.error("door.accept_failed", reason=exc.strerror)
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            self._server.welcome(accepted, peer[0])

    def close(self) -> None:
        """Stop accepting connections on the socket, and close the connections that are still in their TLS
        handshake."""
        self._accepting.cancel()
        self._server.hang_up_handshakes()

    async def wait_closed(self) -> None:
        """Wait until the socket is closed, so that another process can use its address."""
        await asyncio.wait({self._accepting})


async def listening(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for each address of a host. Raises Misconfigured if one of these addresses is
    not available."""
    loop = asyncio.get_running_loop()
    opened: list[socket.socket] = []
    try:
        for family, _, _, _, address in await loop.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            opened.append(socket.create_server(address[:2], family=family, backlog=BACKLOG))
            # Each connection inherits it: the body of an answer does not wait until its head is acknowledged. uvloop
            # sets it anyway; asyncio's own loop does not, and each answer would take 40 ms.
            opened[-1].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened[-1].setblocking(False)
    except OSError as exc:
        for each in opened:
            each.close()
        raise Misconfigured(f"la porte ne peut s'ouvrir sur {host}, port {port} ({exc.strerror})") from exc
    return opened
