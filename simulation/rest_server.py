"""A simulated SIAO's web service after the model of SI-SIAO: form login with a session, household files
(fiches) to read, objects to PUT."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from simulation.inbox import Inbox
from simulation.listening import listening
from simulation.moods import Temper
from simulation.webhook_server import Understand, in_a_mood

API, USER = "/api", "hub"
LISTED = "/pretsAuLogement?depuis={depuis}"
DOCUMENTS = (
    {"nom": "ficheSynthese", "chemin": "/fiches/ficheSynthese/{fiche}"},
    {"nom": "demandeInsertion", "chemin": "/demandeInsertion/derniere?idFiche={fiche}"},
    {
        "nom": "situationParRapportAuLogement",
        "chemin": "/situationParRapportAuLogement/getByFicheId?idFiche={fiche}",
    },
)
"""The objects of a household file, each with the path under which it is read."""
COOKIE, SESSION_REQUESTS = "JSESSIONID", 200
"""Name of the session's cookie, and number of requests after which a session expires."""


class Fiches:
    """The household files that this SIAO lists."""

    def __init__(self) -> None:
        self._listed: dict[int, str] = {}
        self._objects: dict[str, Any] = {}

    def add(self, number: int, changed_at: str, documents: Mapping[str, Any]) -> None:
        """List a household file with its objects. `changed_at`: ISO 8601."""
        for document in DOCUMENTS:
            self._objects[document["chemin"].replace("{fiche}", str(number))] = documents[document["nom"]]
        self._listed[number] = changed_at

    @property
    def listed(self) -> Mapping[str, Any]:
        """The list, as the service answers it."""
        lines = [{"ficheId": number, "dateModification": at} for number, at in self._listed.items()]
        return {"total": len(lines), "result": lines}

    def at(self, path: str) -> Any:
        """Return the object under a path; None without one."""
        return self._objects.get(path)


@asynccontextmanager
async def rest_server(
    port: int,
    secret: str,
    inbox: Inbox,
    understand: Understand,
    fiches: Fiches,
    temper: Temper | None = None,
) -> AsyncIterator[None]:
    """Serve the SIAO's web service until the block ends.

    Answers to a PUT: 204 once the object is in the journal, 422 if it cannot be understood, 401 without a
    session; a bad mood may change them.
    """
    desk = _Desk(secret, inbox, understand, fiches, temper or Temper(None, ""))
    app = web.Application()
    app.router.add_post(f"{API}/login", desk.sign_in)
    app.router.add_put(f"{API}/{{path:.+}}", desk.put)
    app.router.add_get(f"{API}/{{path:.+}}", desk.get)
    async with listening(app, port):
        yield


class _Desk:
    def __init__(
        self, secret: str, inbox: Inbox, understand: Understand, fiches: Fiches, temper: Temper
    ) -> None:
        self._account = {"username": USER, "password": secret}
        self._inbox, self._understand, self._fiches, self._temper = inbox, understand, fiches, temper
        self._left: dict[str, int] = {}
        """Number of requests left, by session."""

    async def sign_in(self, request: web.Request) -> web.Response:
        """Open a session for the right account; answer 401 to any other."""
        if dict(await request.post()) != self._account:
            return web.Response(status=401)
        session = secrets.token_hex(16)
        self._left[session] = SESSION_REQUESTS
        response = web.Response()
        response.set_cookie(COOKIE, session, httponly=True)
        return response

    async def put(self, request: web.Request) -> web.Response:
        """Receive an object. Its `Idempotency-Key` tells whether it came before."""
        body, key = await request.read(), request.headers["Idempotency-Key"]
        if not self._is_open(request):
            return web.Response(status=401)
        try:
            effect = self._inbox.known(key) or self._understand(body)
        except (ValueError, LookupError):
            return web.Response(status=422)
        if felt := self._temper.at(effect["ref"]):
            return await in_a_mood(self._inbox, *felt, request, key, effect)
        await self._inbox.take(key, effect)
        return web.Response(status=204)

    async def get(self, request: web.Request) -> web.Response:
        """Answer with the list of household files, or with one object; 404 without one, 401 without a
        session."""
        if not self._is_open(request):
            return web.Response(status=401)
        path = request.path_qs.removeprefix(API)
        if request.path.removeprefix(API) == LISTED.partition("?")[0]:
            return _json(self._fiches.listed)
        found = self._fiches.at(path)
        return web.Response(status=404) if found is None else _json(found)

    def _is_open(self, request: web.Request) -> bool:
        session = request.cookies.get(COOKIE, "")
        left = self._left.get(session, 0)
        if left <= 1:
            self._left.pop(session, None)
        else:
            self._left[session] = left - 1
        return left > 0


def _json(content: Any) -> web.Response:
    return web.Response(
        body=json.dumps(content, ensure_ascii=False).encode(), content_type="application/json"
    )
