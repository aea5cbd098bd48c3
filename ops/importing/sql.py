"""Queries for an import: how much of it is under way, and which demands it has brought."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_UNDER_WAY = Sql("""
    SELECT (SELECT count(*) FROM outbox WHERE partner = :partner) AS events,
           (SELECT count(*) FROM delivery d JOIN event e ON e.id = d.event_id
            WHERE d.etat IN ('en_attente', 'en_vol') AND e.source = :partner) AS deliveries
""")
_DEMANDS = Sql("""
    SELECT id, menage, donnees ->> 'destinataire' AS siao FROM subject
    WHERE id > :after AND nature = 'demande' AND donnees ->> 'emetteur' = :partner ORDER BY id LIMIT :limit
""")


async def under_way(connection: Connection, partner: str) -> tuple[int, int]:
    """Return how many of a partner's events are still to be applied, and how many deliveries of its events are
    still to be made."""
    row = await _UNDER_WAY.one(connection, partner=partner)
    return row.events, row.deliveries


async def demands(connection: Connection, partner: str, after: UUID, limit: int) -> Sequence[Row]:
    """Return rows (id, menage, siao) of the demands that a partner sent, sorted by id, after the id `after`:
    the demand, its household, the SIAO responsible for it."""
    return await _DEMANDS.all(connection, partner=partner, after=after, limit=limit)
