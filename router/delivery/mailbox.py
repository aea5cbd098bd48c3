"""The pull mailbox on the deliveries themselves: what is `deposee` waits, what is acknowledged is `livree`.

Nothing rendered is kept: a fetch renders the delivery again. So a forgotten household is forgotten here too, and one
that is no more its recipient's (refused, withdrawn) is named no more.
"""

from collections.abc import Callable, MutableMapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from connectors.mailbox import Waiting
from contracts.errors import Misconfigured
from contracts.ports import Native
from router.delivery.receipts import receipt_of
from router.delivery.rendering import (
    Forgotten,
    OfANewerVersion,
    Renderer,
    Sealed,
    event_attributes,
    rendered,
)
from router.domain.partners import Registry
from router.domain.proof import Prover
from router.domain.subjects import SET_ASIDE
from router.store import log, mailbox
from router.store.audit import record
from router.store.database import OUTBOX, Connection, Database, Row
from router.triage import in_short

logger = structlog.get_logger()


class DeliveryMailbox:
    """`connectors.mailbox.MailboxStore` on the table of deliveries."""

    def __init__(
        self,
        database: Database,
        renderer: Renderer,
        prover: Prover,
        registry: Callable[[], Registry],
        polls: MutableMapping[str, datetime],
        served_days: int,
    ) -> None:
        """In `polls` stands when each partner last looked into its mailbox; for `served_days` it may read again what it
        has acknowledged."""
        self._database = database
        self._renderer = renderer
        self._prover = prover
        self._registry = registry
        self._polls = polls
        self._limits = mailbox.Limits(SET_ASIDE, timedelta(days=served_days))

    async def put(self, partner_id: str, key: str, native: Native) -> None:
        """Nothing to do: the delivery is the item, and the dispatcher marks it `deposee`."""

    async def list(self, partner_id: str, limit: int, after: str | None) -> Sequence[Waiting]:
        """The oldest not yet acknowledged; what may be read no more is passed over, and hides nothing behind it."""
        self._polls[partner_id] = datetime.now(UTC)
        found: list[Waiting] = []
        seen = _uuid(after)
        async with self._database.transaction() as connection:
            while len(found) < limit:
                rows = await mailbox.waiting(connection, partner_id, seen, limit, self._limits)
                natives = await self._render(connection, partner_id, rows)
                found += [
                    Waiting(str(row.id), n.media_type, n.filename, len(n.body), row.settled_at)
                    for row, n in zip(rows, natives, strict=True)
                    if n is not None
                ]
                if len(rows) < limit:
                    break
                seen = rows[-1].id
        return found[:limit]

    async def fetch(self, partner_id: str, key: str) -> Native | None:
        """One item, until it is acknowledged and for some days after."""
        async with self._database.transaction() as connection:
            row = await self._find(connection, partner_id, key)
            natives = await self._render(connection, partner_id, [row] if row and row.served else [])
            if natives and natives[0] is not None:  # a household may stand in it
                await record(connection, partner_id, "boite.lire", key, {})
        return natives[0] if natives else None

    async def acknowledge(self, partner_id: str, key: str) -> bool:
        """The proof of receipt: the partner's deadlines start here, once."""
        async with self._database.transaction() as connection:
            row = await self._find(connection, partner_id, key)
            if row is None:
                await self._database.must_be_whole()
                return False
            if await mailbox.acknowledge(connection, partner_id, row.id):
                receipt = receipt_of(event_attributes(row), partner_id, datetime.now(UTC))
                if receipt is not None:
                    await log.append(connection, self._prover, [receipt])
                    await self._database.notify(connection, OUTBOX)
        return True

    async def _find(self, connection: Connection, partner_id: str, key: str) -> Row | None:
        return await mailbox.fetch(connection, partner_id, _uuid(key), self._limits)

    async def _render(
        self, connection: Connection, partner_id: str, rows: Sequence[Row]
    ) -> Sequence[Native | None]:
        """The bytes of each; None for what may be read no more, which ends here as it would on its way out, and for
        what only a newer version of the hub can write."""
        partner = self._registry().partners[partner_id]
        sealed: dict[UUID, Sealed] = {}
        ended: dict[UUID, tuple[str, str | None]] = {}
        for row in rows:
            try:
                sealed[row.id] = Sealed.of(row, partner)
            except OfANewerVersion:
                continue  # the door of that version hands it out
            except Exception as exc:  # noqa: BLE001  a bug in one delivery is that delivery's task
                ended[row.id] = ("refusee", in_short(exc))
        ciphers, names = await self._renderer.prepare(connection, list(sealed.values()))
        natives: dict[UUID, Native] = {}
        for ident, item in sealed.items():
            try:
                natives[ident] = rendered([item.opened(ciphers, names)])
            except Forgotten:
                ended[ident] = ("oubliee", None)
            except Misconfigured as exc:
                logger.error("partner.misconfigured", partner=partner_id, reason=str(exc))
            except Exception as exc:  # noqa: BLE001  as above
                ended[ident] = ("refusee", in_short(exc))
        await mailbox.end(connection, ended)
        return [natives.get(row.id) for row in rows]


def _uuid(key: str | None) -> UUID | None:
    try:
        return UUID(key) if key else None
    except ValueError:
        return None
