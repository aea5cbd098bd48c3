"""Serve the mailboxes, from which partners fetch their deliveries.

A delivery is `deposee` while it waits, and `livree` once the partner has confirmed its receipt. Each fetch
renders the delivery anew. It then lacks forgotten households, and the identity of a household whose referral to
this partner was refused or withdrawn.
"""

import asyncio
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, takewhile
from typing import NamedTuple
from uuid import UUID

import structlog

from connectors.mailbox import Uncollected, Waiting
from contracts.errors import Misconfigured, Transient
from contracts.ports import Native
from router.delivery.lists import OF_A_LIST, parts_of_lists
from router.delivery.receipts import receipt_of
from router.delivery.rendering import (
    Forgotten,
    KeysAndIds,
    OfANewerVersion,
    Sealed,
    event_attributes,
    rendered,
    view_of,
)
from router.domain.books import SET_ASIDE
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.privacy.seen import seen
from router.store import mailbox
from router.store.database import Connection, Database, Row
from router.store.hub_events import say
from router.triage import in_short

logger = structlog.get_logger()


AT_ONCE = 50
"""Number of deliveries rendered at a stretch. After them, the event loop may do other work."""
MOST_OPENED = 2000
"""Number of events decrypted for one page of a mailbox. At this number, the page ends early."""


class Item(NamedTuple):
    """Delivery in a mailbox, in its partner's dialect."""

    native: Native
    events: int
    """Number of events decrypted for this delivery."""
    seal: Callable[[bytes], bytes | None]
    """Function that encrypts the receipt's nonce for storage. It returns None if no key can encrypt it."""


class DeliveryMailbox:
    """Mailboxes of all partners, read from the table of deliveries."""

    def __init__(
        self,
        database: Database,
        keys_and_ids: KeysAndIds,
        prover: Prover,
        registry: Callable[[], Registry],
        polls: MutableMapping[str, datetime],
        served_days: int,
    ) -> None:
        """`served_days` is the number of days for which a delivery can still be fetched after its receipt was
        confirmed. The mailboxes store in `polls`, by partner, the moment at which the partner last asked for
        its deliveries."""
        self._database = database
        self._keys_and_ids = keys_and_ids
        self._prover = prover
        self._registry = registry
        self._polls = polls
        self._limits = mailbox.Limits(SET_ASIDE, timedelta(days=served_days))

    async def put(self, partner_id: str, key: str, native: Native) -> None:
        """Do nothing, because the dispatcher records the delivery as `deposee`, and the mailbox reads the
        delivery from the database."""

    def looked(self, partner_id: str) -> None:
        """Note that a partner has just asked for the deliveries in its mailbox, by the API or at its desk."""
        self._polls[partner_id] = datetime.now(UTC)

    async def list(self, partner_id: str, limit: int, after: str | None) -> Waiting:
        """Return the deliveries whose receipt is not confirmed, oldest first, at most `limit` of them. Leave
        out the deliveries that the partner may no longer read. If this process cannot render a delivery now,
        leave out this delivery and the later ones about the same subject, and return this page as the last.
        `after` is the last id of the previous page, or None for the first page."""
        self.looked(partner_id)
        found: list[Uncollected] = []
        stopped: set[UUID] = set()
        last, opened = _uuid(after), 0
        async with self._database.transaction() as connection:
            while len(found) < limit and opened < MOST_OPENED:
                asked = min(limit - len(found), AT_ONCE)
                waiting = await mailbox.waiting(connection, partner_id, last, asked, self._limits)
                rows = _at_once(waiting)
                items = await self._render(connection, partner_id, rows)
                stopped |= {row.subject for row in rows if row.id not in items}
                readable = ((row, items.get(row.id)) for row in rows if row.subject not in stopped)
                found += [_told(row, item) for row, item in readable if item is not None]
                opened += sum(1 if item is None else item.events for item in items.values())
                if len(rows) == len(waiting) < asked:
                    return Waiting(found, None)
                last = rows[-1].id
                await asyncio.sleep(0)
        return Waiting(found, None if stopped else str(last))

    async def fetch(self, partner_id: str, key: str) -> Native | None:
        """Return one delivery, and store the hash of its bytes for the receipt. Return None if the delivery is
        unknown, if the hub can never render it (for example, if its household was forgotten), or if its receipt was
        confirmed more than `served_days` days ago. Raises Transient if this process cannot render it now."""
        async with self._database.transaction() as connection:
            row = await self._find(connection, partner_id, key)
            if row is None or not row.served:
                return None
            items = await self._render(connection, partner_id, [row])
            if row.id not in items:
                raise Transient("Ce processus du hub ne peut pas encore écrire cet envoi")
            item = items[row.id]
            if item is None:
                return None
            read = await seen(item.native.body)
            nonce = item.seal(read.nonce)
            await mailbox.handed_out(connection, partner_id, row.id, nonce, read.digest.hex())
        return item.native

    async def acknowledge(self, partner_id: str, key: str) -> bool:
        """Record that the partner confirms the receipt of a delivery. The partner's time to answer starts with
        the first confirmation. Return False if there is no such delivery. Raises BusUnavailable instead while a
        restored database may lack the delivery."""
        async with self._database.transaction() as connection:
            row = await self._find(connection, partner_id, key)
            if row is None:
                await self._database.must_be_whole()
                return False
            if await mailbox.acknowledge(connection, partner_id, row.id):
                receipt = receipt_of(event_attributes(row), partner_id, datetime.now(UTC))
                await say(self._database, connection, self._prover, [receipt] if receipt else [])
        return True

    async def _find(self, connection: Connection, partner_id: str, key: str) -> Row | None:
        return await mailbox.fetch(connection, partner_id, _uuid(key), self._limits)

    async def _render(
        self, connection: Connection, partner_id: str, rows: Sequence[Row]
    ) -> Mapping[UUID, Item | None]:
        """Return the rendered deliveries, by id. A delivery that can never be rendered has None, and is taken out of
        the mailbox: its household was forgotten, or rendering it failed. A delivery that this process cannot render
        now is left out: only a newer version knows its type, or the partner's entry must be mended."""
        partner = self._registry().partners[partner_id]
        sealed: dict[UUID, Sealed] = {}
        ended: dict[UUID, tuple[str, str | None]] = {}
        for row in rows:
            try:
                sealed[row.id] = Sealed.of(row, partner)
            except OfANewerVersion:
                continue
            except Exception as exc:  # noqa: BLE001  only this delivery is refused
                ended[row.id] = ("refusee", in_short(exc))
        parts = await parts_of_lists(connection, [r for r in rows if r.id in sealed], self._registry())
        lines = chain.from_iterable(part.lines for part in parts.values())
        ciphers, names = await self._keys_and_ids.load(connection, [*sealed.values(), *lines])
        items: dict[UUID, Item | None] = {}
        for ident, item in sealed.items():
            try:
                part = parts.get(ident)
                if part is None:
                    view = view_of(partner, [item], names)
                    native, events = rendered([item.opened(ciphers, names, ident)], view), 1
                else:
                    native, events = part.render(partner, ciphers, names), len(part.lines)
                items[ident] = Item(native, events, partial(item.seal_nonce, ciphers, ident))
            except Forgotten:
                ended[ident] = ("oubliee", None)
            except Misconfigured as exc:
                logger.error("partner.misconfigured", partner=partner_id, reason=str(exc))
            except Exception as exc:  # noqa: BLE001  only this delivery is refused
                ended[ident] = ("refusee", in_short(exc))
        await mailbox.end(connection, ended)
        return items | dict.fromkeys(ended)


def _at_once(rows: Sequence[Row]) -> Sequence[Row]:
    return list(takewhile(lambda row: row.type != OF_A_LIST, rows)) or rows[:1]


def _told(row: Row, item: Item) -> Uncollected:
    native = item.native
    return Uncollected(str(row.id), native.media_type, native.filename, len(native.body), row.settled_at)


def _uuid(key: str | None) -> UUID | None:
    try:
        return UUID(key) if key else None
    except ValueError:
        return None
