"""What became of a message: its events with where they stand, and their deliveries."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_EVENTS = Sql("""
    SELECT e.id, e.message_row, e.type, e.subject, e.source, e.time, e.causation,
           o.event_id IS NOT NULL OR (i.held AND e.causation IS NULL) AS waiting,
           x.kind, x.reason, q.id AS quarantine, q.cause, b.event_id IS NOT NULL AS again
    FROM event e
    LEFT JOIN inbox i ON i.id = e.correlation
    LEFT JOIN outbox o ON o.event_id = e.id
    LEFT JOIN outcome x ON x.event_id = e.id AND x.kind <> 'repris_du_bus'
    LEFT JOIN outcome b ON b.event_id = e.id AND b.kind = 'repris_du_bus'
    LEFT JOIN quarantine q ON q.event_id = e.id AND q.etat = 'ouverte'
    WHERE e.correlation = :message ORDER BY e.seq LIMIT 5000
""")
_DELIVERIES = Sql("""
    SELECT d.id, d.event_id, d.partner, d.etat, d.error, d.attempts, d.created_at, d.settled_at
    FROM delivery d JOIN event e ON e.id = d.event_id
    WHERE e.correlation = :message ORDER BY d.seq LIMIT 5000
""")
_MESSAGES_OF = Sql("""
    SELECT correlation FROM event WHERE id = :id OR subject = :id OR correlation = :id
    UNION SELECT e.correlation FROM delivery d JOIN event e ON e.id = d.event_id WHERE d.id = :id
    UNION SELECT id FROM inbox WHERE id = :id
    LIMIT 200
""")


async def events(connection: Connection, message: UUID) -> Sequence[Row]:
    """The first 5,000 events of a message, and of what followed from them: whether each still waits, what came of
    it, and its open row of the quarantine."""
    return await _EVENTS.all(connection, message=message)


async def deliveries(connection: Connection, message: UUID) -> Sequence[Row]:
    """The first 5,000 deliveries of these events."""
    return await _DELIVERIES.all(connection, message=message)


async def messages_of(connection: Connection, ident: UUID) -> list[UUID]:
    """Messages behind an id of any kind: message, event, delivery, subject."""
    return await _MESSAGES_OF.column(connection, id=ident)
