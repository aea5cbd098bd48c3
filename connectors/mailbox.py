"""Mailbox: deliveries wait until the partner has listed, fetched and acknowledged them over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from contracts.ports import Native, Receipt


@dataclass(frozen=True, slots=True)
class Uncollected:
    """Delivery in a mailbox, as the list of deliveries shows it."""

    key: str
    media_type: str
    filename: str | None
    size_bytes: int
    since: datetime


class Waiting(NamedTuple):
    """One page of the deliveries that are not acknowledged, oldest first."""

    items: Sequence[Uncollected]
    after: str | None
    """Key after which the next page begins; None if this is the last page."""


class MailboxStore(Protocol):
    """Store of the deliveries in all mailboxes. Raises BusUnavailable while it cannot be reached."""

    async def put(self, partner_id: str, key: str, native: Native) -> None:
        """Store a delivery in the partner's mailbox. A second call with the same key has no effect."""
        ...

    async def list(self, partner_id: str, limit: int, after: str | None) -> Waiting:
        """Return at most `limit` of the unacknowledged deliveries, oldest first, starting after the delivery
        with the key `after`. If that key is None or unknown, start with the oldest."""
        ...

    async def fetch(self, partner_id: str, key: str) -> Native | None:
        """Return a delivery, which remains for some days after its acknowledgement. Return None if this
        partner has no delivery under that idempotency key."""
        ...

    async def acknowledge(self, partner_id: str, key: str) -> bool:
        """Record that the partner has the delivery. A repetition has no effect. Return False if this partner
        has no delivery under that key."""
        ...


class MailboxSink:
    """Sender to one partner's mailbox. Only the partner's acknowledgement proves receipt."""

    def __init__(self, store: MailboxStore, partner_id: str) -> None:
        self._store = store
        self._partner_id = partner_id

    async def send(self, native: Native, key: str) -> Receipt:
        """Store a delivery in the mailbox, once for each key. Raises BusUnavailable while the store cannot be
        reached."""
        await self._store.put(self._partner_id, key, native)
        return Receipt(proven=False)

    async def has_received(self, native: Native, key: str) -> bool:
        """Tell whether the delivery with this key is in the mailbox, acknowledged or not. Raises
        BusUnavailable while the store cannot be reached."""
        return await self._store.fetch(self._partner_id, key) is not None

    async def close(self) -> None:
        """Do nothing: the store belongs to the process."""
