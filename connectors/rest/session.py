"""One signed-in session with a REST service: a form login, a cookie, and a new one when that has ended."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode

from aiohttp import ClientResponse, ClientSession, CookieJar, TCPConnector

from connectors.http_client import KEEPALIVE_SECONDS, Exchange, parsed, read_at_most
from connectors.http_outcome import outcome
from connectors.secrets import read_secret
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable, Refused
from contracts.rest import ServeurRest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HEADERS = {"User-Agent": "siao-hub", "Accept": "application/json", "Accept-Encoding": "gzip"}
MISSING = 404
ENDED = 401
"""What the service answers once a session has ended; it did nothing of what was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its method, its path after the service's URL, and what it carries."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class RestSession:
    """Shared by all exchanges of one source or sink. Its cookie goes to this service alone."""

    def __init__(self, server: ServeurRest, *, now: Callable[[], float] = time.time) -> None:
        """Raises Misconfigured for an impossible URL."""
        parsed(server.url)
        self._server = server
        self._now = now
        self._client: ClientSession | None = None
        self._signing_in = asyncio.Lock()
        self._numbers = count(1)
        self._current: int | None = None
        """The session in use. Numbers do not come again: whoever finds that one has ended renews no other."""

    @asynccontextmanager
    async def exchange(self, asked: Asked, deadline: float) -> AsyncIterator[ClientResponse]:
        """One request and its answer, whatever its status, until the monotonic `deadline`; signs in where needed.

        A session that has ended is renewed once, and the request sent again. Raises PartnerUnavailable,
        Misconfigured (the account is refused), or OutcomeUnknown.
        """
        session = await self._signed_in(deadline)
        async with self._once(asked, deadline) as response:
            ended = response.status == ENDED
            if not ended:
                yield response
        if ended:
            await self._signed_in(deadline, ended=session)
            async with self._once(asked, deadline) as response:
                yield response

    async def read(self, path: str, most_bytes: int) -> bytes | None:
        """What stands under a path; None where nothing does. Raises PartnerUnavailable, Throttled or Misconfigured."""
        deadline = time.monotonic() + self._server.delai_s
        try:
            async with self.exchange(Asked("GET", path), deadline) as response:
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
        """Close the connections; the service lets the session end. Idempotent."""
        client, self._client, self._current = self._client, None, None
        if client is not None:
            await client.close()

    async def _signed_in(self, deadline: float, ended: int | None = None) -> int:
        """The number of a session of which nobody knows yet that it has ended."""
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
        """Post the form; the password is read anew, so that a changed one is taken up."""
        account = {"username": self._server.utilisateur, "password": read_secret(self._server.mot_de_passe)}
        form = Asked("POST", self._server.connexion, urlencode(account).encode(), FORM)
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

    def _once(self, asked: Asked, deadline: float) -> Exchange:
        url = parsed(self._server.url.rstrip("/") + asked.path)
        return Exchange(self._opened(), asked.method, url, asked.body, dict(asked.headers), deadline)

    def _opened(self) -> ClientSession:
        if self._client is None:
            self._client = ClientSession(
                connector=TCPConnector(limit=0, keepalive_timeout=KEEPALIVE_SECONDS),
                cookie_jar=CookieJar(unsafe=True),  # also from a service that is known by its IP address
                headers=HEADERS,
            )
        return self._client
