"""Store the households with restricted use of data, at a person's request (right to restriction, GDPR).
Partners then see only unencrypted fields."""

from collections.abc import Collection
from uuid import UUID

from router.store.sql import Connection, Sql

_READ = Sql("SELECT DISTINCT ident FROM limitation")
_AMONG = Sql("SELECT DISTINCT ident FROM limitation WHERE ident = ANY(CAST(:idents AS uuid[]))")


async def read(connection: Connection) -> frozenset[UUID]:
    """Return the ids of all households, referrals… whose data may only be used in a restricted way, because a
    person has asked for this right."""
    return frozenset(await _READ.column(connection))


async def among(connection: Connection, idents: Collection[UUID]) -> frozenset[UUID]:
    """Return those of the ids whose data may only be used in a restricted way, because a person has asked for
    this right. The ids are those of households, referrals…"""
    return frozenset(await _AMONG.column(connection, idents=list(idents)))
