"""The partner registry in PostgreSQL: applied from a reviewed file, taken up by running processes."""

from pydantic_core import to_json

from contracts.partner import Partner
from router.partners import Difference, Registry, difference, sent_to
from router.store import lanes
from router.store.audit import record
from router.store.database import REGISTRY, Database
from router.store.sql import Connection, Sql

_READ = Sql("SELECT entry FROM partner ORDER BY id")
_PUT = Sql("""
    INSERT INTO partner (id, entry) VALUES (:id, CAST(:entry AS jsonb))
    ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, applied_at = now()
""")
_REMOVE = Sql("DELETE FROM partner WHERE id = ANY(CAST(:ids AS text[]))")


async def read(connection: Connection) -> Registry:
    """The registry as it is applied."""
    return Registry.of(Partner.model_validate(row.entry) for row in await _READ.all(connection))


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
