"""Queries about an import: the unfinished events and deliveries of the retired application, and its demands."""

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
    """Return how much work is under way for a partner's events: the number of accepted events that are not
    applied yet, and the number of unfinished deliveries of the partner's events."""
    row = await _UNDER_WAY.one(connection, partner=partner)
    return row.events, row.deliveries


async def demands(connection: Connection, partner: str, after: UUID, limit: int) -> Sequence[Row]:
    """Return (id, menage, siao) of the next demands that a partner sent, at most `limit`, in order of id,
    after the id `after`."""
    return await _DEMANDS.all(connection, partner=partner, after=after, limit=limit)
