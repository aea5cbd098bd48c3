"""Deliver to a partner's SOAP service. The HTTP status and the envelope of the reply decide the outcome."""

import ssl
import time
from base64 import b64encode
from collections.abc import Callable

from aiohttp import ClientResponse, ClientSession

from connectors.http_client import (
    REPLY_MAX_BYTES,
    exchange,
    media_type_of,
    new_session,
    parsed,
    read_at_most,
)
from connectors.http_outcome import outcome
from connectors.reading import AT_ONCE, AnswerReading
from connectors.secrets import read_secret
from connectors.slots import Slots
from connectors.soap.envelope import envelope, http_headers
from connectors.soap.tls import context_of, is_about_our_certificate
from connectors.soap.verdict import judged
from contracts.errors import (
    Misconfigured,
    OutcomeUnknown,
    PartnerUnavailable,
    Refused,
)
from contracts.ports import Native, Receipt
from contracts.soap import SortieSoap


class SoapSink:
    """Sink that POSTs envelopes to one SOAP service. The partner's registry entry limits how many deliveries
    may run at the same time (`en_vol`), and how many seconds each may take (`delai_s`)."""

    def __init__(
        self,
        sortie: SortieSoap,
        session: ClientSession | None = None,
        reading: AnswerReading = AT_ONCE,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Prepare the sink. Without `session`, the sink opens one at the first delivery. `reading` parses the
        responses of the SOAP service, by default in this process. `now`: clock, which returns seconds since the
        epoch. Raises Misconfigured for an impossible URL."""
        self._sortie = sortie
        self._url = parsed(sortie.url)
        self._session = session
        self._owned = session is None
        self._reading = reading
        self._slots = Slots(sortie.en_vol)
        self._now = now
        self._tls: ssl.SSLContext | None = None

    async def send(self, native: Native, key: str) -> Receipt:
        """POST a delivery once. Return the receipt for a 2xx that has no body, or an envelope without fault
        or refusal. Raises OutcomeUnknown if the reply does not tell whether the delivery was accepted;
        another HubError if it was not."""
        if not native.media_type.partition(";")[0].endswith("xml"):
            raise Misconfigured("SOAP ne porte que du XML : ce transport ne va pas avec le dialecte")
        deadline = time.monotonic() + self._sortie.delai_s
        async with self._slots.one(deadline):
            try:
                return await self._post(envelope(native.body, self._sortie.version), key, deadline)
            except (Misconfigured, PartnerUnavailable):
                self._tls = None  # a renewed certificate is read at the next attempt
                raise

    async def has_received(self, native: Native, key: str) -> bool:
        """Raise Misconfigured, because the service cannot be asked whether a delivery has arrived."""
        raise Misconfigured("Un service SOAP ne dit pas quelles clés il a reçues : « deduplique »")

    async def close(self) -> None:
        """Close the HTTP session if the sink opened it. Idempotent."""
        if self._owned and self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def _post(self, body: bytes, key: str, deadline: float) -> Receipt:
        session = self._session = self._session or new_session()
        tls = self._context()
        try:
            async with exchange(
                session, "POST", self._url, body, self._headers(key), deadline, tls=tls
            ) as response:
                return await self._receipt(response, deadline)
        except OutcomeUnknown as exc:
            if is_about_our_certificate(exc):
                raise Misconfigured("Le partenaire n'accepte pas le certificat du hub") from exc
            raise

    def _context(self) -> ssl.SSLContext | None:
        if self._tls is None and (self._sortie.certificat or self._sortie.autorite):
            self._tls = context_of(self._sortie.certificat, self._sortie.autorite)
        return self._tls

    def _headers(self, key: str) -> dict[str, str]:
        headers = {"Idempotency-Key": key, **http_headers(self._sortie.version, self._sortie.action)}
        if self._sortie.utilisateur is not None and self._sortie.mot_de_passe is not None:
            account = f"{self._sortie.utilisateur}:{read_secret(self._sortie.mot_de_passe)}"
            headers["Authorization"] = f"Basic {b64encode(account.encode()).decode()}"
        return headers

    async def _receipt(self, response: ClientResponse, deadline: float) -> Receipt:
        body = await read_at_most(response.content, REPLY_MAX_BYTES + 1)
        reply = Native(body[:REPLY_MAX_BYTES], media_type_of(response)) if body else None
        error = outcome(response.status, response.headers, self._now)
        if reply is not None and (error is None or isinstance(error, Refused | OutcomeUnknown)):
            cut = len(body) > REPLY_MAX_BYTES
            error = await self._reading.of(
                len(body), deadline, judged, reply, error, self._sortie.refus, cut=cut
            )
        if error is not None:
            error.reply = reply
            raise error
        return Receipt(reply=reply)
