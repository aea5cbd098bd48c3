"""Pull mailbox: deliveries wait until the partner has listed, fetched and acknowledged them over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from contracts.ports import Native, Receipt


@dataclass(frozen=True, slots=True)
class Uncollected:
    """Delivery in the mailbox, as the list shows it. `size_bytes` is the length of its body."""

    key: str
    media_type: str
    filename: str | None
    size_bytes: int
    since: datetime


class Waiting(NamedTuple):
    """Oldest deliveries that are not acknowledged yet: one page of the list."""

    items: Sequence[Uncollected]
    after: str | None
    """Key after which the next page begins; None if this is the last page."""


class MailboxStore(Protocol):
    """Store of the deliveries in all mailboxes. Each method names the partner. Raises BusUnavailable while
    the store cannot be reached."""

    async def put(self, partner_id: str, key: str, native: Native) -> None:
        """Store a delivery in the partner's mailbox. Storing it again under the same key has no effect, even
        after its acknowledgement."""
        ...

    async def list(self, partner_id: str, limit: int, after: str | None) -> Waiting:
        """Return the oldest unacknowledged deliveries after the delivery with the key `after`, in order of
        arrival: at most `limit`, and fewer if their sizes are costly to compute.

        `after` may name a delivery that was acknowledged meanwhile. With an unknown key the list begins at
        its start.
        """
        ...

    async def fetch(self, partner_id: str, key: str) -> Native | None:
        """Return a delivery, until some days after its acknowledgement; None if this partner has none under that
        key."""
        ...

    async def acknowledge(self, partner_id: str, key: str) -> bool:
        """Record that the partner has the delivery. The first call is the proof of receipt, a repetition has no effect.

        Return False if this partner has none under that key.
        """
        ...


class MailboxSink:
    """Sender to one partner's mailbox. Its receipt proves nothing yet: the partner's acknowledgement does."""

    def __init__(self, store: MailboxStore, partner_id: str) -> None:
        self._store = store
        self._partner_id = partner_id

    async def send(self, native: Native, key: str) -> Receipt:
        """Store one delivery in the mailbox; a repetition of the key stores no second one. Raises
        BusUnavailable while the store cannot be reached."""
        await self._store.put(self._partner_id, key, native)
        return Receipt(proven=False)

    async def has_received(self, native: Native, key: str) -> bool:
        """Tell whether the delivery with this key is in the mailbox, acknowledged or not. Raises
        BusUnavailable while the store cannot be reached."""
        return await self._store.fetch(self._partner_id, key) is not None

    async def close(self) -> None:
        """Do nothing: the store of mailboxes belongs to the process, not to this sink."""
