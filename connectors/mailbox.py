"""The pull mailbox: deliveries wait until the partner has listed, fetched and acknowledged them over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.ports import Native, Receipt


@dataclass(frozen=True, slots=True)
class Waiting:
    """One delivery that waits. `size_bytes` is that of the body."""

    key: str
    media_type: str
    filename: str | None
    size_bytes: int
    since: datetime


class MailboxStore(Protocol):
    """Where deliveries wait. Every call names its partner. Raises BusUnavailable."""

    async def put(self, partner_id: str, key: str, native: Native) -> None:
        """Keep a delivery; the same key again has no effect, also after it was acknowledged."""
        ...

    async def list(self, partner_id: str, limit: int, after: str | None) -> Sequence[Waiting]:
        """The oldest not yet acknowledged, in order of arrival, those after the key `after`.

        `after` stays a valid mark when it was acknowledged meanwhile; an unknown one means from the start.
        """
        ...

    async def fetch(self, partner_id: str, key: str) -> Native | None:
        """A delivery, until some days after its acknowledgement; None when this partner has none under that key."""
        ...

    async def acknowledge(self, partner_id: str, key: str) -> bool:
        """Note that the partner has it. The first call is the proof of receipt, a repetition has no effect.

        False when this partner has none under that key.
        """
        ...


class MailboxSink:
    """Leaves deliveries in one partner's mailbox. The receipt proves nothing: the acknowledgement will."""

    def __init__(self, store: MailboxStore, partner_id: str) -> None:
        self._store = store
        self._partner_id = partner_id

    async def send(self, native: Native, key: str) -> Receipt:
        """Leave one delivery; the same key twice is one delivery. Raises BusUnavailable."""
        await self._store.put(self._partner_id, key, native)
        return Receipt(proven=False)

    async def has_received(self, native: Native, key: str) -> bool:
        """Whether the delivery lies in the mailbox, acknowledged or not. Raises BusUnavailable."""
        return await self._store.fetch(self._partner_id, key) is not None

    async def close(self) -> None:
        """Nothing to release: the store belongs to the process."""
