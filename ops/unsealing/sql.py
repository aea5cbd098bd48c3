"""Queries for encrypted bytes that an operator wants to see: messages, events, and partners' replies to
deliveries."""

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
    """Return what is stored about a partner's reply to a delivery, as (reply, error, subject, type, payload,
    menage); None for an unknown delivery. `reply` is the encrypted reply. `type` and `payload` are those of
    the delivered event, and `menage` is the household of the delivery's subject."""
    return await _REPLY.first(connection, delivery=delivery)


async def message(connection: Connection, ident: UUID) -> UUID | None:
    """Return the id of the message that `ident` names: it is the message's id, or the id of its quarantine
    row. Return None if there is no such message."""
    found = await _MESSAGE.column(connection, id=ident)
    return found[0] if found else None


async def event(connection: Connection, ident: UUID) -> Row | None:
    """Return the event to which `ident` leads, as (id, payload); None if there is none. `ident` is the id of
    the event itself, or of its quarantine row. In `payload`, personal values are encrypted, as stored."""
    return await _EVENT.first(connection, id=ident)
