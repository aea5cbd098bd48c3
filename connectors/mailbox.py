"""Put deliveries into mailboxes. There each waits until the partner has listed it, fetched it and confirmed
its receipt over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from contracts.ports import Native, Receipt


@dataclass(frozen=True, slots=True)
class Uncollected:
    """Delivery in a mailbox, as the list of the mailbox describes it. The partner has not confirmed its receipt
    yet."""

    key: str
    media_type: str
    filename: str | None
    size_bytes: int
    since: datetime


class Waiting(NamedTuple):
    """One page of the list of a mailbox: the deliveries whose receipt the partner has not confirmed, oldest
    first."""

    items: Sequence[Uncollected]
    after: str | None
    """Key of the delivery after which the next page begins; None on the last page."""


class MailboxStore(Protocol):
    """Store of the deliveries in all mailboxes. Its methods raise BusUnavailable if the store cannot be
    reached."""

    async def put(self, partner_id: str, key: str, native: Native) -> None:
        """Store a delivery in the partner's mailbox. A second call with the same key has no effect."""
        ...

    async def list(self, partner_id: str, limit: int, after: str | None) -> Waiting:
        """Return the deliveries whose receipt the partner has not confirmed, oldest first, at most `limit`.
        Begin after the delivery with the key `after`; if `after` is None or unknown, begin with the
        oldest."""
        ...

    async def fetch(self, partner_id: str, key: str) -> Native | None:
        """Return the delivery with this key to the partner; None if the partner's mailbox does not have it. A
        delivery stays available for some days after the partner has confirmed its receipt. Raises Transient
        if the hub cannot write the delivery now."""
        ...

    async def acknowledge(self, partner_id: str, key: str) -> bool:
        """Record that the partner confirms the receipt of a delivery. Idempotent. Return False if the
        mailbox has no such delivery."""
        ...


class MailboxSink:
    """Sink that puts deliveries into one partner's mailbox. Only the partner's confirmation of receipt
    proves that a delivery has arrived."""

    def __init__(self, store: MailboxStore, partner_id: str) -> None:
        self._store = store
        self._partner_id = partner_id

    async def send(self, native: Native, key: str) -> Receipt:
        """Store a delivery, once for each key. The receipt has `proven` False, because the partner has
        confirmed nothing yet. Raises BusUnavailable if the store cannot be reached."""
        await self._store.put(self._partner_id, key, native)
        return Receipt(proven=False)

    async def has_received(self, native: Native, key: str) -> bool:
        """Tell whether the mailbox still has the delivery. It has it until the partner confirms the receipt,
        and for some days afterwards. Raises Transient if the store cannot be reached, or if the hub cannot
        write the delivery now."""
        return await self._store.fetch(self._partner_id, key) is not None

    async def close(self) -> None:
        """Do nothing. The store of the deliveries stays open, because the mailboxes of all partners share
        it."""
