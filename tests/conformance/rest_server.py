"""A REST service after the model of the SI-SIAO: form login, cookie, gzip, household files to read, objects to
update."""

import asyncio
import json
from typing import Any
from uuid import uuid4

from aiohttp import web

ACCOUNT = {"username": "hub", "password": "mot-de-passe"}
COOKIE = "JSESSIONID"


class RestServer:
    """A REST service that keeps its port when it is stopped and started again, but forgets its sessions."""

    def __init__(self) -> None:
        self.fiches: dict[str, dict[str, Any]] = {}
        """What is listed of each, by its number."""
        self.listed: bytes | None = None
        """What is listed, whatever the fiches are."""
        self.objects: dict[str, bytes] = {}
        """What stands under each path."""
        self.puts: list[tuple[str, bytes]] = []
        self.since: list[str] = []
        """From when on each look asked."""
        self.asked = 0
        """GETs that a session made."""
        self.logins = 0
        self.sessions: set[str] = set()
        self.trusting = True
        self.broken: set[str] = set()
        """Paths that are answered 500."""
        self.status = 204
        self.answer_headers: dict[str, str] = {}
        self.hang_up = False
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def entry(self) -> dict[str, str]:
        where = f"http://127.0.0.1:{self._port}/api"
        return {"url": where, "utilisateur": "hub", "mot_de_passe": "env:SIAO_SECRET_MOT_DE_PASSE"}

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/api/login", self._login)
        app.router.add_put("/api/{path:.+}", self._put)
        app.router.add_get("/api/{path:.+}", self._get)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        self.sessions.clear()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def end_sessions(self) -> None:
        """Forget all sessions, as the service does after thirty minutes without a request."""
        self.sessions.clear()

    async def _login(self, request: web.Request) -> web.Response:
        if not self.trusting or dict(await request.post()) != ACCOUNT:
            return web.Response(status=401)
        self.logins += 1
        ident = uuid4().hex
        self.sessions.add(ident)
        await asyncio.sleep(0)
        response = web.Response()
        response.set_cookie(COOKIE, ident, httponly=True)
        return response

    async def _put(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.cookies.get(COOKIE) not in self.sessions:
            return web.Response(status=401)
        if 200 <= self.status < 300:
            self.puts.append((request.path.removeprefix("/api"), body))
        if self.hang_up:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=self.status, headers=self.answer_headers)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        if request.cookies.get(COOKIE) not in self.sessions:
            return web.Response(status=401)
        self.asked += 1
        path = request.path_qs.removeprefix("/api")
        if path in self.broken:
            return web.Response(status=500)
        if request.path == "/api/demandeInsertion/modifiees":
            self.since.append(request.query["depuis"])
            of_fiches = {"total": len(self.fiches), "result": list(self.fiches.values())}
            return _zipped(json.dumps(of_fiches).encode() if self.listed is None else self.listed)
        body = self.objects.get(path)
        return web.Response(status=404) if body is None else _zipped(body)


def _zipped(body: bytes) -> web.Response:
    response = web.Response(body=body, content_type="application/json")
    response.enable_compression(web.ContentCoding.gzip)
    return response
