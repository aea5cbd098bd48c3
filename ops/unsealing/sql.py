"""Queries for stored bytes that an operator wants to read in clear: received messages, events, and partners'
replies to deliveries."""

from uuid import UUID

from router.store.sql import Connection, Row, Sql

_MESSAGE = Sql("""
    SELECT id FROM inbox WHERE id = :id
    UNION SELECT message_id FROM quarantine WHERE id = :id AND message_id IS NOT NULL
""")
_EVENT = Sql("""
    SELECT e.id, e.payload FROM quarantine q JOIN event e ON e.id = q.event_id WHERE q.id = :id
    UNION ALL SELECT id, payload FROM event WHERE id = :id
""")
_REPLY = Sql("""
    SELECT d.reply, d.error, d.subject, e.type, e.payload, s.menage
    FROM delivery d JOIN event e ON e.id = d.event_id LEFT JOIN subject s ON s.id = d.subject WHERE d.id = :delivery
""")


async def reply(connection: Connection, delivery: UUID) -> Row | None:
    """Return (reply, error, subject, type, payload, menage) of a delivery; None if unknown. `reply` is the
    partner's encrypted reply; `type`, `payload` and `menage` are of the delivered event."""
    return await _REPLY.first(connection, delivery=delivery)


async def message(connection: Connection, ident: UUID) -> UUID | None:
    """Return the id of the message that has the id `ident`, or that has the quarantine row `ident`; None if
    there is none."""
    found = await _MESSAGE.column(connection, id=ident)
    return found[0] if found else None


async def event(connection: Connection, ident: UUID) -> Row | None:
    """Return (id, payload) of an event: the payload as stored, with personal values encrypted. `ident` is the
    id of the event, or of its row in quarantine. Return None if there is no such event."""
    return await _EVENT.first(connection, id=ident)
