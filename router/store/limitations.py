"""Store the holders and subjects whose use a person has asked to restrict (GDPR). Partners then see only
unencrypted fields."""

from collections.abc import Collection
from uuid import UUID

from router.store.sql import Connection, Sql

_READ = Sql("SELECT DISTINCT ident FROM limitation")
_AMONG = Sql("SELECT DISTINCT ident FROM limitation WHERE ident = ANY(CAST(:idents AS uuid[]))")


async def read(connection: Connection) -> frozenset[UUID]:
    """Return the ids of all holders and subjects for which a person has asked to restrict the use of her
    data."""
    return frozenset(await _READ.column(connection))


async def among(connection: Connection, idents: Collection[UUID]) -> frozenset[UUID]:
    """Return those of these ids for which a person has asked to restrict the use of her data."""
    return frozenset(await _AMONG.column(connection, idents=list(idents)))
