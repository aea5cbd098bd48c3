"""Counts of the events and deliveries of a retired application that are still under way."""

from router.store.sql import Connection, Sql

_UNDER_WAY = Sql("""
    SELECT (SELECT count(*) FROM outbox WHERE partner = :partner) AS events,
           (SELECT count(*) FROM delivery d JOIN event e ON e.id = d.event_id
            WHERE d.etat IN ('en_attente', 'en_vol') AND e.source = :partner) AS deliveries
""")


async def under_way(connection: Connection, partner: str) -> tuple[int, int]:
    """Return the number of events of a partner that are still to be applied, and of deliveries still to be made."""
    row = await _UNDER_WAY.one(connection, partner=partner)
    return row.events, row.deliveries
