"""Keep a logged-in session with a partner's REST service: send the login form, keep the cookie, and log in
again when the session has ended."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode

from aiohttp import ClientResponse, ClientSession, CookieJar

from connectors.http_client import exchange, parsed, read_at_most
from connectors.http_outcome import outcome
from connectors.http_replies import Connector
from connectors.secrets import read_secret
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.rest import ServeurRest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HEADERS = {"User-Agent": "siao-hub", "Accept": "application/json", "Accept-Encoding": "gzip"}
MISSING = 404
ENDED = 401
"""Status by which the service says that the login has ended."""


@dataclass(frozen=True, slots=True)
class RestRequest:
    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RestSession:
    """Logged-in session with a REST service. All requests of one source or sink share it."""

    def __init__(self, server: ServeurRest, *, now: Callable[[], float] = time.time) -> None:
        """Prepare the session. `now`: clock, in seconds since the epoch. Raises Misconfigured for an impossible
        URL."""
        parsed(server.url)
        self._server = server
        self._now = now
        self._client: ClientSession | None = None
        self._signing_in = asyncio.Lock()
        self._numbers = count(1)
        self._current: int | None = None
        """Number of the login in use; None if there is none. Numbers are never reused, so that nobody takes a
        newer login for the ended one."""

    @asynccontextmanager
    async def exchange(self, request: RestRequest, deadline: float) -> AsyncIterator[ClientResponse]:
        """Send a request, and lend the response until the monotonic time `deadline`. The session logs in when
        needed.

        Raises Misconfigured for a refused account; PartnerUnavailable or Throttled if nothing was sent;
        OutcomeUnknown if no whole response came back.
        """
        session = await self._signed_in(deadline)
        async with self._once(request, deadline) as response:
            ended = response.status == ENDED
            if not ended:
                yield response
        if ended:
            await self._signed_in(deadline, ended=session)
            async with self._once(request, deadline) as response:
                yield response

    async def read(self, path: str, most_bytes: int) -> bytes | None:
        """Return the content at a path; None for a 404. Raises PartnerUnavailable if the service fails or gives
        more than `most_bytes`; Throttled if it asks to wait; Misconfigured if it refuses the hub."""
        deadline = time.monotonic() + self._server.delai_s
        try:
            async with self.exchange(RestRequest("GET", path), deadline) as response:
                if response.status == MISSING:
                    return None
                if error := outcome(response.status, response.headers, self._now):
                    raise error
                body = await read_at_most(response.content, most_bytes + 1)
        except (OutcomeUnknown, Refused) as exc:
            raise PartnerUnavailable("Le partenaire n'a pas donné un objet entier") from exc
        if len(body) > most_bytes:
            raise PartnerUnavailable(f"Le partenaire répond plus de {most_bytes // 1024} Kio")
        return body

    async def close(self) -> None:
        """Close the connections to the service. Idempotent."""
        client, self._client, self._current = self._client, None, None
        if client is not None:
            await client.close()

    async def _signed_in(self, deadline: float, ended: int | None = None) -> int:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await self._signing_in.acquire()
        except TimeoutError as exc:
            raise PartnerUnavailable("Le partenaire n'ouvre pas de session") from exc
        try:
            if self._current in (None, ended):
                self._current = None
                await self._sign_in(deadline)
                self._current = next(self._numbers)
            assert self._current is not None
            return self._current
        finally:
            self._signing_in.release()

    async def _sign_in(self, deadline: float) -> None:
        account = {"username": self._server.utilisateur, "password": read_secret(self._server.mot_de_passe)}
        form = RestRequest("POST", self._server.connexion, urlencode(account).encode(), FORM)
        try:
            async with self._once(form, deadline) as response:
                error = outcome(response.status, response.headers, self._now)
        except OutcomeUnknown as exc:
            raise PartnerUnavailable("Le partenaire n'a pas répondu à l'ouverture de session") from exc
        if isinstance(error, Refused | Misconfigured):
            raise Misconfigured(f"Le partenaire refuse le compte du hub (HTTP {response.status})")
        if isinstance(error, OutcomeUnknown):
            raise PartnerUnavailable(f"Le partenaire n'ouvre pas de session (HTTP {response.status})")
        if error is not None:
            raise error

    def _once(self, request: RestRequest, deadline: float) -> AbstractAsyncContextManager[ClientResponse]:
        url = parsed(self._server.url.rstrip("/") + request.path)
        return exchange(self._opened(), request.method, url, request.body, dict(request.headers), deadline)

    def _opened(self) -> ClientSession:
        if self._client is None:
            self._client = ClientSession(
                connector=Connector(),
                cookie_jar=CookieJar(unsafe=True),  # accept cookies also from a service addressed by its IP
                headers=HEADERS,
            )
        return self._client
