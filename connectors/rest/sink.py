"""Deliver to a partner's REST service by PUT. Each delivery names the object that it updates, so a repetition
changes nothing."""

import time
from collections.abc import Callable

from connectors.http_client import receipt
from connectors.rest.session import RestRequest, RestSession
from connectors.slots import Slots
from contracts.errors import Misconfigured
from contracts.ports import Native, Receipt
from contracts.rest import SortieRest

OBJECT = "content-location"
"""Name of the header (RFC 9110) with the path of the object that a message updates."""


class RestSink:
    """Sink that delivers to one REST service by PUT. The partner's registry entry limits how many PUTs may run
    at the same time (`en_vol`), and how many seconds each may take (`delai_s`)."""

    def __init__(self, sortie: SortieRest, *, now: Callable[[], float] = time.time) -> None:
        """Prepare the sink. `now`: clock, in seconds since the epoch. Raises Misconfigured for an impossible
        URL."""
        self._sortie = sortie
        self._session = RestSession(sortie, now=now)
        self._slots = Slots(sortie.en_vol)
        self._now = now

    async def send(self, native: Native, key: str) -> Receipt:
        """PUT a delivery once, to the path in its header `Content-Location`. Return the receipt for a 2xx.
        Raises OutcomeUnknown if no response tells whether the delivery was accepted; another HubError if it was
        not."""
        path = native.headers.get(OBJECT)
        if path is None:
            raise Misconfigured(
                "Le dialecte ne dit pas quel objet écrire : choisissez un autre transport ou un autre dialecte"
            )
        deadline = time.monotonic() + self._sortie.delai_s
        headers = {"Content-Type": native.media_type, "Idempotency-Key": key}
        async with (
            self._slots.one(deadline),
            self._session.exchange(RestRequest("PUT", path, native.body, headers), deadline) as response,
        ):
            return await receipt(response, self._now, deadline)

    async def has_received(self, native: Native, key: str) -> bool:
        """Raise Misconfigured, because the service cannot be asked whether a delivery has arrived."""
        raise Misconfigured("Un service REST ne dit pas quelles clés il a reçues : « deduplique »")

    async def close(self) -> None:
        """Close the session with the service. Idempotent."""
        await self._session.close()
