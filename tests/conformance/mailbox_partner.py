"""A partner with a mailbox, and a store in memory that keeps the promises of `MailboxStore`."""

from datetime import UTC, datetime
from typing import ClassVar

from connectors.mailbox import MailboxSink, Uncollected, Waiting
from contracts.ports import Native

from .promises import Promise


class MemoryMailbox:
    """A mailbox store in memory, with the deliveries of all partners in order of arrival."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], tuple[Native, datetime]] = {}
        self.acknowledged: set[tuple[str, str]] = set()

    async def put(self, partner_id: str, key: str, native: Native) -> None:
        self.items.setdefault((partner_id, key), (native, datetime.now(UTC)))

    async def list(self, partner_id: str, limit: int, after: str | None) -> Waiting:
        own = [(key, *item) for (owner, key), item in self.items.items() if owner == partner_id]
        keys = [key for key, _, _ in own]
        start = keys.index(after) + 1 if after in keys else 0
        waiting = [
            Uncollected(key, native.media_type, native.filename, len(native.body), since)
            for key, native, since in own[start:]
            if (partner_id, key) not in self.acknowledged
        ]
        page = waiting[:limit]
        return Waiting(page, page[-1].key if len(page) == limit else None)

    async def fetch(self, partner_id: str, key: str) -> Native | None:
        item = self.items.get((partner_id, key))
        return item[0] if item else None

    async def acknowledge(self, partner_id: str, key: str) -> bool:
        if (partner_id, key) not in self.items:
            return False
        self.acknowledged.add((partner_id, key))
        return True


class MailboxPartner:
    NAME: ClassVar[str] = "boite"
    WAIVED: ClassVar[dict[Promise, str]] = dict.fromkeys(
        (
            Promise.UNREACHABLE,
            Promise.REFUSED,
            Promise.THROTTLED,
            Promise.CREDENTIALS,
            Promise.ANSWER_LOST,
            Promise.ASKED_IN_VAIN,
            Promise.RECOVERS,
        ),
        "nobody is called: the delivery is left in the hub's own database",
    )

    def __init__(self, tmp_path, monkeypatch) -> None:
        self.store = MemoryMailbox()
        self.sink = MailboxSink(self.store, "partenaire")

    async def start(self) -> None: ...

    async def stop(self) -> None:
        await self.sink.close()

    async def effects(self) -> list[bytes]:
        return [native.body for native, _ in self.store.items.values()]
