"""Guard every page: limit the bodies of requests, and add security headers to responses."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from weakref import WeakValueDictionary

import structlog
from fastapi import HTTPException
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.byte_budget import ByteBudget
from console import assets, sessions
from console.rendering import bare
from router.settings import ConsoleSettings
from router.triage import cause_of

logger = structlog.get_logger()

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Security headers of every response. By them, browsers load files only from the console, and run no inline
scripts or styles."""
TLS_ALONE = {"Strict-Transport-Security": "max-age=31536000"}
NEVER_CHANGES = "max-age=31536000, immutable"
OPEN = "/connexion/"
"""Beginning of the paths of the login. Their forms are read before anybody has logged in."""
OPEN_FORM_BYTES = 8 * 1024
"""Maximum size of a form of the login."""
FORM_BYTES, FORM_SECONDS = 128 * 1024, 20.0
"""Maximum size of a form without file, and the time in which any such form must have arrived."""
FILE_SECONDS = 120.0
"""Time in which a form with a file must have arrived."""
TOGETHER, OF_ONE_SESSION = 32, 4
"""Maximum number of forms with a file that may be under way if each has the largest size: in all, and of one
session. The forms stay in memory until they are answered."""
TOO_SLOW = "votre envoi n'est pas arrivé à temps : recommencez"
TOO_MANY = "trop de fichiers arrivent à la fois : recommencez dans un instant"
WITH_A_FILE = "multipart/form-data"
CHARSET = b"utf-8"
"""Only charset in which a form may be sent. All browsers use it; others may be very slow in Python."""


class Guard:
    """ASGI application around the console: it limits the size of requests, adds security headers, and logs
    unexpected errors of the console."""

    def __init__(self, app: ASGIApp, settings: ConsoleSettings) -> None:
        self._app = app
        self._settings = settings
        self._body_bytes = settings.max_body_bytes
        self._headers = HEADERS | (TLS_ALONE if sessions.is_tls(settings) else {})
        self._together = ByteBudget(TOGETHER * self._body_bytes)
        self._of_session = WeakValueDictionary[str, ByteBudget]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Refuse:

        * a body that is too long, or whose length no header gives (413)
        * a form in another charset than UTF-8 (415)
        * a body that arrives too slowly (408)
        * a file while too many files arrive at once (503)
        """
        added = self._headers | {"Cache-Control": _kept(scope)}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(added)
            await send(message)

        body: AbstractContextManager[Receive] = nullcontext(receive)
        if scope["method"] not in ("GET", "HEAD"):
            headers = Headers(scope=scope)
            refused = self._refused(scope["path"], headers)
            if refused is not None:
                await refused(scope, receive, with_headers)
                return
            body = _arriving(receive, int(headers["content-length"]), self._room_of(scope))
        try:
            with body as arriving:
                await self._app(scope, arriving, with_headers)
        except Exception as exc:  # noqa: BLE001 - our own bug: only its place is logged, its text may hold anything
            logger.error("console.bug", where=cause_of(exc)[1])

    def _refused(self, path: str, headers: Mapping[str, str]) -> Response | None:
        kind, length = headers.get("content-type", ""), headers.get("content-length", "")
        most = self._body_bytes if kind.startswith(WITH_A_FILE) else FORM_BYTES
        if path.startswith(OPEN):
            most = OPEN_FORM_BYTES
        if not length.isdecimal() or int(length) > most:
            said = f"un envoi à la console fait au plus {most} octets et annonce sa taille"
            return bare("Trop long", said, 413)
        if parse_options_header(kind)[1].get(b"charset", CHARSET).lower() != CHARSET:
            return bare("Jeu de caractères", "un formulaire de la console s'envoie en UTF-8", 415)
        return None

    def _room_of(self, scope: Scope) -> ByteBudget:
        session = sessions.secret_of(Request(scope), self._settings)
        own = ByteBudget(OF_ONE_SESSION * self._body_bytes, within=self._together)
        return self._of_session.setdefault(session or "", own)


@contextmanager
def _arriving(receive: Receive, size: int, room: ByteBudget) -> Iterator[Receive]:
    """Give a `receive` function that reads a request's body of `size` bytes. The function raises 408 if the
    body does not arrive in time.

    A body of more than `FORM_BYTES` contains a file. When such a body is first read, its bytes are taken from
    `room`; the function raises 503 if `room` has too few left. A page reads the body only after it has
    recognised the session.
    """
    has_file = size > FORM_BYTES
    ends = asyncio.get_running_loop().time() + (FILE_SECONDS if has_file else FORM_SECONDS)
    taken, more = 0, True

    async def arriving() -> Message:
        nonlocal taken, more
        if not more:
            return await receive()
        if has_file and not taken:
            if not room.take(size):
                raise HTTPException(503, TOO_MANY)
            taken = size
        try:
            async with asyncio.timeout_at(ends):
                message = await receive()
        except TimeoutError as exc:
            raise HTTPException(408, TOO_SLOW) from exc
        more = message.get("more_body", False)
        return message

    try:
        yield arriving
    finally:
        room.release(taken)


def _kept(scope: Scope) -> str:
    if not scope["path"].startswith(assets.PATH):
        return "no-store"
    return NEVER_CHANGES if scope["query_string"].startswith(assets.VERSIONED) else "max-age=3600"
