"""A partner's HTTP server whose behaviour the test sets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.integration import beside

Hook = Callable[[], Awaitable[None] | None]
"""Callback of a test; awaited if it is a coroutine function."""


@dataclass(frozen=True)
class Attempt:
    """A delivery as it arrived, whatever the answer was."""

    key: str
    body: Any
    """Parsed JSON, or the text of a table."""
    raw: bytes
    at: float


class Receiver:
    """A partner's HTTP server. `attempts` has every delivery, `messages` the accepted ones.

    `status`, `headers` and `reply` make its answer. While `silent` it receives and never answers; while `cutting`
    it receives and closes the connection; `knows` is its answer to the question whether it has a delivery.
    `when_tried` and `when_asked` are called before an answer. `forbids` decides which bodies a proxy before it
    would not let through (403), `refuses` which ones it refuses (422).
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self._speaking = asyncio.Event()
        self.forget()

    def forget(self) -> None:
        """Forget all deliveries, answer those that still wait, and accept everything again."""
        self.speak()
        self.attempts: list[Attempt] = []
        self.messages: list[Any] = []
        self.keys: list[str] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.reply: dict[str, str] | None = None
        self.silent = False
        self.cutting = False
        self.knows = True
        self.asked: list[str] = []
        self.when_asked: Hook = lambda: None
        self.when_tried: Hook = lambda: None
        self.forbids: Callable[[Any], bool] = lambda body: False
        self.refuses: Callable[[Any], bool] = lambda body: False
        self._speaking = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Receiver"]:
        app = web.Application()
        app.router.add_post("/", self._take)
        app.router.add_get("/recus/{cle}", self._tell)
        async with beside.server(app, self.port):
            try:
                yield self
            finally:
                self.speak()

    async def _take(self, request: web.Request) -> web.Response:
        table = request.content_type == "text/csv"
        body = await (request.text() if table else request.json())
        key = request.headers["webhook-id"]
        self.attempts.append(Attempt(key, body, await request.read(), asyncio.get_running_loop().time()))
        await _hear(self.when_tried)
        if self.silent:
            await self._speaking.wait()
        if self.forbids(body):
            return web.Response(status=403)
        if self.refuses(body):
            return web.Response(status=422)
        if self.cutting:
            assert request.transport is not None
            request.transport.abort()
        elif self.status < 300:
            self.messages.append(body)
            self.keys.append(key)
        if self.reply is not None:
            return web.json_response(self.reply, status=self.status, headers=self.headers)
        return web.Response(status=self.status, headers=self.headers)

    async def _tell(self, request: web.Request) -> web.Response:
        self.asked.append(request.match_info["cle"])
        await _hear(self.when_asked)
        return web.Response(status=200 if self.knows else 404)

    def speak(self) -> None:
        """Answer all deliveries that were left without an answer, and further ones as usual."""
        self.silent = False
        self._speaking.set()

    def of_type(self, name: str) -> list[dict[str, Any]]:
        """Return the accepted messages of one type."""
        return [message for message in self.messages if message["type"] == name]

    def tried(self, key: str) -> int:
        """Return the number of attempts of a delivery."""
        return sum(attempt.key == key for attempt in self.attempts)


async def _hear(hook: Hook) -> None:
    waiting = hook()
    if waiting is not None:
        await waiting
