"""Send requests to partners' HTTP servers and read the responses, within a deadline. Failures are raised as
errors of the hub."""

import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
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
)
from yarl import URL

from connectors.http_outcome import outcome, refused_inside
from connectors.http_replies import Connector
from connectors.media import OCTETS
from connectors.reading import AT_ONCE, AnswerReading
from contracts.entry import RefusDansReponse
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.ports import Native, Receipt

REPLY_MAX_BYTES = 64 * 1024
REASON_MAX_BYTES = 4 * 1024
MEDIA_TYPE_CHARACTERS = 1024
LAST_PORT = 65535
SESSION_HEADERS = {"User-Agent": "siao-hub", "Accept-Encoding": "identity"}

_WRITTEN_AT_ONCE_BYTES = 1024 * 1024
_NEVER_ROUNDED = float("inf")
"""Length from which aiohttp rounds time-outs up. It is infinite, so that none is rounded: a rounded time-out
could outlast the delivery's lease."""
_IMPOSSIBLE_URL = "L'URL du partenaire est invalide"
_NO_ANSWER = "L'envoi est parti, et aucune réponse complète n'est revenue"


class Unsent(PartnerUnavailable):
    """Raised if no connection to the partner could be made, so that nothing was sent."""


def new_session() -> ClientSession:
    """Return an HTTP session for one or more sinks, without cookies, proxies or redirects. It must be made in a
    running event loop."""
    return ClientSession(connector=Connector(), cookie_jar=DummyCookieJar(), headers=SESSION_HEADERS)


def parsed(url: str) -> URL:
    """Parse a URL. Raises Misconfigured if the form, the host name or the port of the URL is invalid."""
    try:
        made = URL(url)
        (made.raw_host or "").encode("idna")
    except ValueError as exc:
        raise Misconfigured(_IMPOSSIBLE_URL) from exc
    if made.port is not None and made.port > LAST_PORT:
        raise Misconfigured(_IMPOSSIBLE_URL)
    return made


@asynccontextmanager
async def exchange(
    session: ClientSession,
    method: str,
    url: URL,
    body: bytes | None,
    headers: dict[str, str],
    deadline: float,
    *,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[ClientResponse]:
    """Send a request, and lend the response until the monotonic time `deadline`. Without `tls`, the
    certificate authorities of the system are trusted.

    Raises Unsent, PartnerUnavailable or Misconfigured if nothing was sent; OutcomeUnknown if no whole
    response came back in time.
    """
    data = BytesIO(body) if body and len(body) > _WRITTEN_AT_ONCE_BYTES else body
    asked = session.request(
        method,
        url,
        data=data,
        headers=headers,
        allow_redirects=False,
        ssl=tls or True,
        timeout=_timeout(deadline),
    )
    try:
        response = await _answered(asked)
        try:
            yield response
        finally:
            response.release()
    except (ClientError, TimeoutError) as exc:
        raise OutcomeUnknown(_NO_ANSWER) from exc


async def _answered(asked: Awaitable[ClientResponse]) -> ClientResponse:
    try:
        return await asked
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
    """Return the receipt for a 2xx response: the first 64 KiB of its body. `refus`: rule that says what
    counts as a refusal in a body; `reading`: what searches the body for a refusal, by default in this
    process; `now`: function that returns seconds since the epoch, for a date in the header `Retry-After`.

    Raises Refused if the body of a 2xx contains a refusal; OutcomeUnknown if the body is too long to search,
    or if the search is not over by `deadline` (monotonic time, in seconds). Raises for any other status the
    error that `outcome` returns.
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
    """Return the body of an unsuccessful response, for people to read; None if the body is empty or cannot be
    read."""
    with suppress(ClientError, TimeoutError):
        body = await read_at_most(response.content, REASON_MAX_BYTES)
        return Native(body, media_type_of(response)) if body else None
    return None


def media_type_of(response: ClientResponse) -> str:
    """Return the media type of a partner's response, with its parameters; `application/octet-stream` if the
    media type is missing or too long."""
    said = response.headers.get("Content-Type", OCTETS)
    return said if len(said) <= MEDIA_TYPE_CHARACTERS else OCTETS


async def read_at_most(content: StreamReader, limit_bytes: int) -> bytes:
    """Return the content of a partner's response, at most its first `limit_bytes`."""
    body = bytearray()
    while chunk := await content.read(limit_bytes - len(body)):
        body += chunk
    return bytes(body)


def _timeout(deadline: float) -> ClientTimeout:
    left = deadline - time.monotonic()
    if left <= 0:
        raise PartnerUnavailable("Le partenaire est injoignable")
    # half the time for connecting: if that runs out, nothing was sent; later, the outcome is unknown
    return ClientTimeout(total=left, connect=left / 2, ceil_threshold=_NEVER_ROUNDED)
