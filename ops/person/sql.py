"""Messages about a household in the log, and the partners to which each was handed over."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_EVENTS = Sql("""
    SELECT e.id, e.type, e.source, e.time, e.payload, s.etat
    FROM event e LEFT JOIN subject s ON s.id = e.subject
    WHERE e.subject = ANY(CAST(:menages AS uuid[]))
       OR e.subject IN (SELECT id FROM subject WHERE menage = ANY(CAST(:menages AS uuid[])))
    ORDER BY e.seq
""")
_HANDED = Sql("""
    SELECT event_id, partner, settled_at FROM delivery
    WHERE event_id = ANY(CAST(:events AS uuid[])) AND etat IN ('livree', 'deposee', 'incertaine') ORDER BY seq
""")
_HEARD = Sql("SELECT max(at) AS at FROM heard WHERE holder = ANY(CAST(:menages AS uuid[]))")


async def events(connection: Connection, menages: Sequence[UUID]) -> Sequence[Row]:
    """Return the messages about households that the log still has, oldest first."""
    return await _EVENTS.all(connection, menages=list(menages))


async def handed_over(connection: Connection, events: Sequence[UUID]) -> Sequence[Row]:
    """Return (event_id, partner, settled_at) of the deliveries that left, oldest first."""
    return await _HANDED.all(connection, events=list(events))


async def last_heard(connection: Connection, menages: Sequence[UUID]) -> Row:
    """Return the day on which one of these households was last named."""
    return await _HEARD.one(connection, menages=list(menages))
