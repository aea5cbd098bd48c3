"""Deliver to a partner by HTTP POST, signed as the Standard Webhooks specification demands.

The headers `webhook-id` and `Idempotency-Key` hold the idempotency key, by which a partner recognises a
repetition.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

from aiohttp import ClientSession
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_random_exponential

from connectors.http_client import (
    Unsent,
    exchange,
    new_session,
    parsed,
    receipt,
)
from connectors.http_outcome import received
from connectors.native_headers import headers_of
from connectors.reading import AT_ONCE, AnswerReading
from connectors.secrets import read_secret
from connectors.slots import Slots
from connectors.webhook import signature, signing_key
from contracts.errors import Misconfigured, OutcomeUnknown, PartnerUnavailable
from contracts.http import CLE, SortieHttp
from contracts.ports import Native, Receipt

UNSENT_RETRY_SECONDS = 2.0
_HOP_HEADERS = frozenset(
    {"connection", "content-encoding", "content-length", "expect", "host", "te", "transfer-encoding"}
)


class HttpSink:
    """Sink that POSTs to one partner's URL. The partner's registry entry limits how many deliveries may run
    at the same time (`en_vol`), and how many seconds each may take (`delai_s`)."""

    def __init__(
        self,
        sortie: SortieHttp,
        session: ClientSession | None = None,
        reading: AnswerReading = AT_ONCE,
        *,
        retry_seconds: float = UNSENT_RETRY_SECONDS,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare the sink. Without `session`, the sink opens one at the first delivery. `reading` parses the
        partner's responses, by default in this process. Raises Misconfigured for an impossible URL.

        `retry_seconds`: how long a delivery is tried again if no connection can be made. `now`: clock, which
        returns seconds since the epoch.
        """
        self._sortie = sortie
        self._url = parsed(sortie.url)
        self._session = session
        self._owned = session is None
        self._reading = reading
        self._slots = Slots(sortie.en_vol)
        self._retry_seconds = retry_seconds
        self._now = now
        self._key: bytes | None = None

    async def send(self, native: Native, key: str) -> Receipt:
        """POST a delivery under the idempotency key `key`, and return the receipt if the partner responds with
        a 2xx. The POST is repeated only if nothing was sent, because no connection could be made.

        Raises Refused if the partner refuses the delivery, by the status or in the body of a 2xx;
        OutcomeUnknown if no response tells whether the partner has accepted the delivery; another HubError if
        the partner certainly has not accepted it.
        """
        deadline = time.monotonic() + self._sortie.delai_s
        async with self._slots.one(deadline):
            try:
                return await self._post(native, key, deadline)
            except Unsent:
                return await self._post_again(native, key, deadline)

    async def has_received(self, native: Native, key: str) -> bool:
        """Ask the partner whether it has the delivery with the idempotency key `key`. The hub puts this key
        into the URL `question` of the partner's registry entry, and sends a GET there.

        Raises Throttled or PartnerUnavailable if the partner cannot tell now; Misconfigured for an unexpected
        status, or if the entry has no `question`.
        """
        if self._sortie.question is None:
            raise Misconfigured(
                "L'entrée du partenaire n'a pas de « question » où demander s'il a reçu une clé"
            )
        deadline = time.monotonic() + self._sortie.delai_s
        url = parsed(self._sortie.question.replace(CLE, quote(key, safe="")))
        async with self._slots.one(deadline):
            try:
                with self._rereading_secret():
                    headers = self._signed(key, b"")
                    async with exchange(self._opened(), "GET", url, None, headers, deadline) as response:
                        return received(response.status, response.headers, self._now)
            except OutcomeUnknown as exc:
                raise PartnerUnavailable(
                    "Le partenaire n'a pas répondu quand le hub a demandé s'il a reçu l'envoi"
                ) from exc

    async def close(self) -> None:
        """Close the HTTP session if the sink opened it. Idempotent."""
        if self._owned and self._session is not None:
            await self._session.close()

    async def _post_again(self, native: Native, key: str, deadline: float) -> Receipt:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Unsent),
            stop=stop_after_delay(self._retry_seconds),
            wait=wait_random_exponential(multiplier=0.05, max=0.5),
            reraise=True,
        )
        return await retrying(self._post, native, key, deadline)

    async def _post(self, native: Native, key: str, deadline: float) -> Receipt:
        with self._rereading_secret():
            headers = self._headers(native, key)
            async with exchange(
                self._opened(), "POST", self._url, native.body, headers, deadline
            ) as response:
                return await receipt(response, self._now, deadline, self._sortie.refus, self._reading)

    @contextmanager
    def _rereading_secret(self) -> Iterator[None]:
        try:
            yield
        except Misconfigured:
            self._key = None
            raise

    def _headers(self, native: Native, key: str) -> dict[str, str]:
        headers = {name: value for name, value in headers_of(native).items() if name not in _HOP_HEADERS}
        headers["idempotency-key"] = key
        return headers | self._signed(key, native.body)

    def _signed(self, key: str, body: bytes) -> dict[str, str]:
        if self._key is None:
            self._key = signing_key(read_secret(self._sortie.secret))
        timestamp = str(int(self._now()))
        return {
            "webhook-id": key,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self._key, key, timestamp, body),
        }

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = new_session()
        return self._session
