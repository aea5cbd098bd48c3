"""The partner registry in PostgreSQL: applied from a reviewed file, taken up by running processes."""

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.partner import Partner
from router.partners import Difference, Registry, difference
from router.store.audit import record
from router.store.database import REGISTRY, Database

_READ = text("SELECT entry FROM partner ORDER BY id")
_PUT = text("""
    INSERT INTO partner (id, entry) VALUES (:id, CAST(:entry AS jsonb))
    ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, applied_at = now()
""")
_REMOVE = text("DELETE FROM partner WHERE id = ANY(CAST(:ids AS text[]))")


async def read(connection: AsyncConnection) -> Registry:
    """The registry as it is applied."""
    return Registry.of(Partner.model_validate(row.entry) for row in await connection.execute(_READ))


async def apply(database: Database, new: Registry, actor: str) -> Difference:
    """Make `new` the registry, in one transaction with its audit row; running processes are woken up."""
    async with database.transaction() as connection:
        change = difference(await read(connection), new)
        for ident in (*change.added, *change.changed):
            entry = to_json(new.partners[ident]).decode()
            await connection.execute(_PUT, {"id": ident, "entry": entry})
        if change.removed:
            await connection.execute(_REMOVE, {"ids": list(change.removed)})
        if change:
            detail = {"ajoutes": change.added, "modifies": change.changed, "retires": change.removed}
            await record(connection, actor, "partenaires.appliquer", "registre", detail)
            await database.notify(connection, REGISTRY)
    return change
