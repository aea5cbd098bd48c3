"""A partner with an HTTP server that deduplicates on `webhook-id`, and answers whether it has received one."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from aiohttp import web

from connectors.http_out import HttpSink
from contracts.http import SortieHttp

from .promises import Promise

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLasw"


@dataclass(frozen=True)
class Received:
    body: bytes
    headers: dict[str, str]


@dataclass
class Script:
    """The server's answer. With `hang_up` it takes the message and closes the connection without an answer."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang_up: bool = False
    gate: asyncio.Event | None = None
    """Event for which the answer waits; None to answer at once."""
    waits: Callable[[], object] = lambda: None
    """Called when a message has arrived whose answer waits for `gate`."""


class HttpServer:
    """A real HTTP server on a socket. It keeps its port when it is stopped and started again."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.questions: list[Received] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.connections: set[int] = set()
        self.script = Script()
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/messages"

    @property
    def question(self) -> str:
        return f"http://127.0.0.1:{self._port}/messages/{{cle}}"

    @property
    def https_url(self) -> str:
        return f"https://127.0.0.1:{self._port}/messages"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application(client_max_size=100 * 1024 * 1024)
        app.router.add_route("*", "/{tail:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True, ssl_context=tls)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self.script.gate is not None:
            self.script.gate.set()
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._answer(request)
        finally:
            self.in_flight -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        self.connections.add(transport.get_extra_info("peername")[1])
        script = self.script
        body = await request.read()
        asked = request.method == "GET"
        received = Received(body, {k.lower(): v for k, v in request.headers.items()})
        (self.questions if asked else self.requests).append(received)
        if script.hang_up:
            transport.abort()
        if script.gate is not None:
            script.waits()
            await script.gate.wait()
        if asked and script.status == 204 and not self._has(request.path.removeprefix("/messages/")):
            return web.Response(status=404)
        return web.Response(status=script.status, headers=script.headers, body=script.body)

    def _has(self, key: str) -> bool:
        return any(request.headers["webhook-id"] == key for request in self.requests)


class HttpPartner:
    NAME: ClassVar[str] = "http"
    WAIVED: ClassVar[dict[Promise, str]] = {}

    def __init__(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setenv("SIAO_SECRET_HTTP", SECRET)
        self.server = HttpServer()

    async def start(self) -> None:
        await self.server.start()
        sortie = SortieHttp(
            url=self.server.url, question=self.server.question, secret="env:SIAO_SECRET_HTTP", delai_s=10
        )
        self.sink = HttpSink(sortie, retry_seconds=0)

    async def stop(self) -> None:
        await self.sink.close()
        await self.server.stop()

    async def effects(self) -> list[bytes]:
        by_id: dict[str, bytes] = {}
        for request in self.server.requests:
            assert by_id.setdefault(request.headers["webhook-id"], request.body) == request.body
        return list(by_id.values())

    async def go_away(self) -> None:
        await self.server.stop()

    async def come_back(self) -> None:
        await self.server.start()

    async def refuse(self, native, key) -> None:
        self.server.script = Script(422)

    async def throttle(self, seconds: int) -> None:
        self.server.script = Script(429, {"Retry-After": str(seconds)})

    async def distrust(self) -> None:
        self.server.script = Script(401)

    async def lose_the_next_answer(self) -> None:
        self.server.script = Script(hang_up=True)

    async def behave(self) -> None:
        self.server.script = Script()
