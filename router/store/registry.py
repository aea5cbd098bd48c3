"""The partner registry in PostgreSQL: applied from a reviewed file, taken up by running processes."""

import structlog
from pydantic import ValidationError
from pydantic_core import to_json

from contracts.partner import Partner
from router.partners import Difference, Registry, difference, sent_to
from router.store import lanes
from router.store.audit import record
from router.store.database import REGISTRY, Database
from router.store.sql import Connection, Row, Sql

logger = structlog.get_logger()

_READ = Sql("SELECT id, entry FROM partner ORDER BY id")
_PUT = Sql("""
    INSERT INTO partner (id, entry) VALUES (:id, CAST(:entry AS jsonb))
    ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, applied_at = now()
""")
_REMOVE = Sql("DELETE FROM partner WHERE id = ANY(CAST(:ids AS text[]))")


async def read(connection: Connection, before: Registry | None = None) -> Registry:
    """The registry as it is applied, maybe by a newer version: a field that this one does not know is passed over,
    and an entry that it cannot read stays what it was `before`, or is left out; the log says so."""
    partners = [_entry(row, before or Registry()) for row in await _READ.all(connection)]
    return Registry.of(partner for partner in partners if partner is not None)


def _entry(row: Row, before: Registry) -> Partner | None:
    try:
        return Partner.model_validate(row.entry, extra="ignore")
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False, include_context=False)[0]
        logger.error(
            "partner.unreadable", partner=row.id, field=".".join(map(str, first["loc"])), fault=first["type"]
        )
        return before.get(row.id)


async def apply(database: Database, new: Registry, actor: str) -> Difference:
    """Make `new` the registry, in one transaction with its audit row; running processes are woken up."""
    async with database.transaction() as connection:
        change = difference(await read(connection), new)
        for ident in (*change.added, *change.changed):
            entry = to_json(new.partners[ident]).decode()
            await _PUT.run(connection, id=ident, entry=entry)
        if change.removed:
            await _REMOVE.run(connection, ids=list(change.removed))
        if change:
            await lanes.take_out_of_the_box(connection, sent_to(new))
            detail = {"ajoutes": change.added, "modifies": change.changed, "retires": change.removed}
            await record(connection, actor, "partenaires.appliquer", "registre", detail)
            await database.notify(connection, REGISTRY)
    return change
