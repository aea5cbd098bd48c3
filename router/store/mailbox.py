"""The pull mailbox on the deliveries themselves: what is `deposee` waits, what is acknowledged is `livree`.

Nothing rendered is kept: a fetch renders the delivery again, so a forgotten household is forgotten here too.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from connectors.mailbox import Waiting
from contracts.errors import Misconfigured, Permanent
from contracts.ports import Native
from router.delivery.dispatcher import receipt_of
from router.delivery.rendering import Forgotten, Renderer, Sealed, event_attributes
from router.domain.partners import Registry
from router.store import log
from router.store.audit import record
from router.store.database import OUTBOX, Database
from router.store.sql import Sql
from router.triage import in_short

logger = structlog.get_logger()

_COLUMNS = """
    d.id, d.partner, d.subject, d.event_id, d.etat, d.settled_at, e.type, e.source, e.territoire, e.time,
    e.correlation, e.causation, e.trace, e.payload, COALESCE(d.subject_etat, s.etat) AS subject_etat
    FROM delivery d JOIN event e ON e.id = d.event_id LEFT JOIN subject s ON s.id = d.subject
"""
_LIST = Sql(f"""
    SELECT {_COLUMNS} WHERE d.partner = :partner AND d.etat = 'deposee'
      AND d.seq > COALESCE((SELECT seq FROM delivery WHERE id = :after AND partner = :partner), 0)
    ORDER BY d.seq LIMIT :limit
""")
_FETCH = Sql(f"""
    SELECT {_COLUMNS} WHERE d.id = :id AND d.partner = :partner AND d.etat IN ('deposee', 'livree')
""")
_END = Sql("""
    UPDATE delivery SET etat = e.etat, error = e.error, settled_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:etats AS text[]), CAST(:errors AS text[])) AS e(id, etat, error)
    WHERE delivery.id = e.id AND delivery.etat = 'deposee'
""")
_ACKNOWLEDGE = Sql("""
    UPDATE delivery SET etat = 'livree', settled_at = now()
    WHERE id = :id AND partner = :partner AND etat = 'deposee' RETURNING id
""")


class DeliveryMailbox:
    """`connectors.mailbox.MailboxStore` on the table of deliveries."""

    def __init__(self, database: Database, renderer: Renderer, registry: Callable[[], Registry]) -> None:
        self._database = database
        self._renderer = renderer
        self._registry = registry

    async def put(self, partner_id: str, key: str, native: Native) -> None:
        """Nothing to do: the delivery is the item, and the dispatcher marks it `deposee`."""

    async def list(self, partner_id: str, limit: int, after: str | None) -> Sequence[Waiting]:
        """The oldest not yet acknowledged; what may be read no more is passed over, and hides nothing behind it."""
        found: list[Waiting] = []
        seen = _uuid(after)
        async with self._database.transaction() as connection:
            while len(found) < limit:
                rows = await _LIST.all(connection, partner=partner_id, after=seen, limit=limit)
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
        """One item, acknowledged or not."""
        parameters = {"partner": partner_id, "id": _uuid(key)}
        async with self._database.transaction() as connection:
            rows = await _FETCH.all(connection, **parameters)
            natives = await self._render(connection, partner_id, rows)
            if natives and natives[0] is not None:  # a household may stand in it
                await record(connection, partner_id, "boite.lire", key, {})
        return natives[0] if natives else None

    async def acknowledge(self, partner_id: str, key: str) -> bool:
        """The proof of receipt: the partner's deadlines start here, once."""
        parameters = {"partner": partner_id, "id": _uuid(key)}
        async with self._database.transaction() as connection:
            row = await _FETCH.first(connection, **parameters)
            if row is None:
                return False
            if await _ACKNOWLEDGE.first(connection, **parameters) is not None:
                receipt = receipt_of(event_attributes(row), partner_id, datetime.now(UTC))
                if receipt is not None:
                    await log.append(connection, [receipt])
                    await self._database.notify(connection, OUTBOX)
        return True

    async def _render(self, connection: Any, partner_id: str, rows: Sequence[Any]) -> Sequence[Native | None]:
        """The bytes of each; None for what may be read no more, which ends here as it would on its way out."""
        partner = self._registry().partners[partner_id]
        sealed: dict[UUID, Sealed] = {}
        ended: dict[UUID, tuple[str, str | None]] = {}
        for row in rows:
            try:
                sealed[row.id] = Sealed.of(row, partner)
            except Permanent as exc:
                ended[row.id] = ("refusee", in_short(exc))
        ciphers, ids = await self._renderer.prepare(connection, list(sealed.values()))
        natives: dict[UUID, Native] = {}
        for ident, item in sealed.items():
            try:
                natives[ident] = item.render(ciphers, ids)
            except Forgotten:
                ended[ident] = ("oubliee", None)
            except Misconfigured as exc:
                logger.error("partner.misconfigured", partner=partner_id, reason=str(exc))
            except Exception as exc:  # noqa: BLE001  a bug in one delivery is that delivery's task
                ended[ident] = ("refusee", in_short(exc))
        if ended:
            etats, errors = zip(*ended.values(), strict=True)
            await _END.run(connection, ids=list(ended), etats=list(etats), errors=list(errors))
        return [natives.get(row.id) for row in rows]


def _uuid(key: str | None) -> UUID | None:
    try:
        return UUID(key) if key else None
    except ValueError:
        return None
