"""Guard around every page: it limits bodies, and adds security headers."""

from collections.abc import Mapping

import structlog
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console import assets
from console.rendering import bare
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
"""Security headers: browsers load files only from the console, and run no inline scripts and styles."""
TLS_ALONE = {"Strict-Transport-Security": "max-age=31536000"}
NEVER_CHANGES = "max-age=31536000, immutable"
FORM_BYTES = 128 * 1024
"""Maximum size of a form without file."""
WITH_A_FILE = "multipart/form-data"
CHARSET = b"utf-8"
"""Only charset in which a form may be sent, as all browsers do. Others may be very slow in Python."""


class Guard:
    """ASGI application around the console: it limits the size of requests, adds security headers, and logs
    unexpected errors of the console."""

    def __init__(self, app: ASGIApp, body_bytes: int, *, tls: bool) -> None:
        self._app = app
        self._body_bytes = body_bytes
        self._headers = HEADERS | (TLS_ALONE if tls else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Refuse a body that is too long, or whose length no header gives (413), and a form in
        another charset than UTF-8 (415)."""
        headers = self._headers | {"Cache-Control": _kept(scope)}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(headers)
            await send(message)

        refused = None if scope["method"] in ("GET", "HEAD") else self._refused(Headers(scope=scope))
        if refused is not None:
            await refused(scope, receive, with_headers)
            return
        try:
            await self._app(scope, receive, with_headers)
        except Exception as exc:  # noqa: BLE001 - our own bug: only its place is logged, its text may hold anything
            logger.error("console.bug", where=cause_of(exc)[1])

    def _refused(self, headers: Mapping[str, str]) -> Response | None:
        kind = headers.get("content-type", "")
        most = self._body_bytes if kind.startswith(WITH_A_FILE) else FORM_BYTES
        length = headers.get("content-length", "")
        if not length.isdecimal() or int(length) > most:
            said = f"un envoi à la console fait au plus {most} octets et annonce sa taille"
            return bare("Trop long", said, 413)
        if parse_options_header(kind)[1].get(b"charset", CHARSET).lower() != CHARSET:
            return bare("Jeu de caractères", "un formulaire de la console s'envoie en UTF-8", 415)
        return None


def _kept(scope: Scope) -> str:
    if not scope["path"].startswith(assets.PATH):
        return "no-store"
    return NEVER_CHANGES if scope["query_string"].startswith(assets.VERSIONED) else "max-age=3600"
