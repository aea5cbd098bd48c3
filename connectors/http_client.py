"""The parts that all exchanges with a partner's HTTP server share: a session, a deadline, decided errors."""

import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorError,
    ClientConnectorSSLError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    InvalidURL,
    NonHttpUrlClientError,
    StreamReader,
    TCPConnector,
)
from yarl import URL

from connectors.http_outcome import outcome, refused_inside
from connectors.media import OCTETS
from connectors.reading import AT_ONCE, AnswerReading
from contracts.entry import RefusDansReponse
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.ports import Native, Receipt

REPLY_MAX_BYTES = 64 * 1024
REASON_MAX_BYTES = 4 * 1024
MEDIA_TYPE_CHARACTERS = 1024
LAST_PORT = 65535
KEEPALIVE_SECONDS = 2.0
"""Life of an idle connection, shorter than that of common servers (5 s): a request sent into a connection that the
server is closing would end as OutcomeUnknown."""
SESSION_HEADERS = {"User-Agent": "siao-hub", "Accept-Encoding": "identity"}

_WRITTEN_AT_ONCE_BYTES = 1024 * 1024
_NEVER_ROUNDED = float("inf")
"""Threshold above which aiohttp rounds timeouts up to whole seconds, which could exceed the lease: never."""
_IMPOSSIBLE_URL = "L'URL du partenaire est invalide"
_NO_ANSWER = "L'envoi est parti, et aucune réponse complète n'est revenue"


class Unsent(PartnerUnavailable):
    """No connection was made: not one byte of the request was sent."""


def new_session() -> ClientSession:
    """Make the session that all sinks of a process share; each sink bounds its own connections.

    Call it in a running loop. The session has no cookies, no proxies from the environment, no redirects.
    """
    connector = TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS)
    return ClientSession(connector=connector, cookie_jar=DummyCookieJar(), headers=SESSION_HEADERS)


def parsed(url: str) -> URL:
    """Return a URL.

    Raises Misconfigured if it is not valid, or if no resolver would accept its host or port. So a later error is not
    a mistake in the partner's entry.
    """
    try:
        made = URL(url)
        (made.raw_host or "").encode("idna")
    except ValueError as exc:
        raise Misconfigured(_IMPOSSIBLE_URL) from exc
    if made.port is not None and made.port > LAST_PORT:
        raise Misconfigured(_IMPOSSIBLE_URL)
    return made


@dataclass(slots=True)
class Exchange:
    """One request and its answer, in an `async with`, until the monotonic `deadline`. Every error becomes a HubError.

    `tls` holds the authorities to trust and the certificate to show; without it, the system's authorities and no
    certificate. Raises Unsent and Misconfigured for a failure before the first byte leaves, OutcomeUnknown for any
    later one.
    """

    session: ClientSession
    method: str
    url: URL
    body: bytes | None
    headers: dict[str, str]
    deadline: float
    tls: ssl.SSLContext | None = field(default=None, kw_only=True)
    _response: ClientResponse = field(init=False)

    async def __aenter__(self) -> ClientResponse:
        try:
            self._response = await self._requested()
        except (ClientError, TimeoutError) as exc:
            raise OutcomeUnknown(_NO_ANSWER) from exc
        return self._response

    async def __aexit__(self, _: object, exc: BaseException | None, __: object) -> None:
        self._response.release()
        if isinstance(exc, ClientError | TimeoutError):
            raise OutcomeUnknown(_NO_ANSWER) from exc

    async def _requested(self) -> ClientResponse:
        """Send, and wait for the head of the answer. Raises aiohttp's errors for a failure after the request has
        left."""
        body, timeout = self.body, _timeout(self.deadline)
        try:
            return await self.session.request(
                self.method,
                self.url,
                data=BytesIO(body) if body and len(body) > _WRITTEN_AT_ONCE_BYTES else body,
                headers=self.headers,
                allow_redirects=False,
                ssl=self.tls or True,
                timeout=timeout,
            )
        except (ClientConnectorCertificateError, ClientConnectorSSLError) as exc:
            raise Misconfigured("La vérification TLS du partenaire a échoué") from exc
        except (ClientConnectorError, ConnectionTimeoutError) as exc:
            raise Unsent("Le partenaire est injoignable") from exc
        except (InvalidURL, NonHttpUrlClientError) as exc:
            raise Misconfigured(_IMPOSSIBLE_URL) from exc


async def receipt(
    response: ClientResponse,
    now: Callable[[], float],
    deadline: float,
    refus: RefusDansReponse | None = None,
    reading: AnswerReading = AT_ONCE,
) -> Receipt:
    """Return the proof in the answer to a delivery, with the reply (cut at 64 KiB), judged until the monotonic
    `deadline`.

    Raises the error of its status, Refused for a 2xx that holds a refusal, OutcomeUnknown for one too long or too
    costly to be judged by `refus`.
    """
    if error := outcome(response.status, response.headers, now):
        error.reply = await reason(response)
        raise error
    body = await read_at_most(response.content, REPLY_MAX_BYTES + 1)
    if not body:
        return Receipt()
    if len(body) > REPLY_MAX_BYTES and refus is not None:
        raise OutcomeUnknown("La réponse du partenaire est trop longue pour y lire s'il a accepté l'envoi")
    reply = Native(body[:REPLY_MAX_BYTES], media_type_of(response))
    if await reading.of(len(body), deadline, refused_inside, reply.media_type, reply.body, refus):
        refused = Refused(f"Le partenaire répond HTTP {response.status}, mais le contenu dit une erreur")
        refused.reply = reply
        raise refused
    return Receipt(reply=reply)


async def reason(response: ClientResponse) -> Native | None:
    """Return the body of an answer whose status is not a success. The status alone decides the outcome."""
    with suppress(ClientError, TimeoutError):
        body = await read_at_most(response.content, REASON_MAX_BYTES)
        return Native(body, media_type_of(response)) if body else None
    return None


def media_type_of(response: ClientResponse) -> str:
    """Return the media type that an answer announces, with its parameters.

    Return octets if it announces none, or one longer than any software writes.
    """
    said = response.headers.get("Content-Type", OCTETS)
    return said if len(said) <= MEDIA_TYPE_CHARACTERS else OCTETS


async def read_at_most(content: StreamReader, limit_bytes: int) -> bytes:
    """Return at most so many bytes of an answer."""
    body = bytearray()
    while chunk := await content.read(limit_bytes - len(body)):
        body += chunk
    return bytes(body)


def _timeout(deadline: float) -> ClientTimeout:
    """Return the time left, of which connecting may use half.

    So a connection that fails is never mistaken for a request without an answer. Raises PartnerUnavailable if no
    time is left.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise PartnerUnavailable("Le partenaire est injoignable")
    return ClientTimeout(total=left, connect=left / 2, ceil_threshold=_NEVER_ROUNDED)
