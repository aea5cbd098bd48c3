"""What became of a message: its events with where they stand, and their deliveries."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Row, Sql

_OF_EVENTS = """
    SELECT e.id, e.seq, e.message_row, e.type, e.subject, e.source, e.time, e.correlation, e.causation,
           i.received_at AS kept_at,
           o.event_id IS NOT NULL OR (i.held AND e.causation IS NULL) AS waiting, o.shard = -1 AS parked,
           x.kind, x.reason, x.at AS judged_at, q.id AS quarantine, q.cause, q.fingerprint,
           q.created_at AS quarantined_at, b.event_id IS NOT NULL AS again, COALESCE(x.etat, s.etat) AS judged_in
    FROM event e
    LEFT JOIN subject s ON s.id = e.subject
    LEFT JOIN inbox i ON i.id = e.correlation
    LEFT JOIN outbox o ON o.event_id = e.id
    LEFT JOIN outcome x ON x.event_id = e.id AND x.kind <> 'repris_du_bus'
    LEFT JOIN outcome b ON b.event_id = e.id AND b.kind = 'repris_du_bus'
    LEFT JOIN quarantine q ON q.event_id = e.id AND q.etat = 'ouverte'
"""
_EVENTS = Sql(f"{_OF_EVENTS} WHERE e.correlation = :message ORDER BY e.seq LIMIT 5000")
_EVENTS_ABOUT = Sql(f"""
    SELECT * FROM ({_OF_EVENTS} WHERE e.subject = :subject ORDER BY e.seq DESC LIMIT :most) AS newest
    ORDER BY time, seq
""")
_DELIVERIES = Sql("""
    SELECT d.id, d.event_id, d.partner, d.etat, d.error, d.attempts, d.created_at, d.settled_at,
           d.reply IS NOT NULL AS replied, l.due_at, c.etat AS contact, c.cause, c.next_try_at, c.polled_at,
           p.entry #>> '{sortie,lot}' IS NOT NULL AS by_lot
    FROM delivery d
    LEFT JOIN lane l ON l.partner = d.partner AND l.subject = d.subject AND d.etat IN ('en_attente', 'en_vol')
    LEFT JOIN contact c ON c.partner = d.partner
    LEFT JOIN partner p ON p.id = d.partner
    WHERE d.event_id = ANY(CAST(:events AS uuid[])) ORDER BY d.seq LIMIT 5000
""")
_SAID_BEFORE = Sql("""
    SELECT said.payload FROM event said JOIN event e ON e.id = :event
    WHERE said.subject = e.subject AND said.source = e.source AND said.seq <= e.seq ORDER BY said.seq DESC LIMIT 200
""")
_MESSAGES_OF = Sql("""
    SELECT correlation FROM event WHERE id = :id OR subject = :id OR correlation = :id
    UNION SELECT e.correlation FROM delivery d JOIN event e ON e.id = d.event_id WHERE d.id = :id
    UNION SELECT id FROM inbox WHERE id = :id
    UNION SELECT message_id FROM quarantine WHERE id = :id AND message_id IS NOT NULL
    UNION SELECT e.correlation FROM quarantine q JOIN event e ON e.id = q.event_id WHERE q.id = :id
    LIMIT 200
""")
_SUBJECTS_OF = Sql("""
    SELECT id FROM subject WHERE id = ANY(CAST(:ids AS uuid[]))
    UNION SELECT id FROM subject WHERE menage = ANY(CAST(:ids AS uuid[]))
""")
_STANDS = Sql("""
    SELECT id, nature, etat, donnees, changed_at FROM subject WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY changed_at
""")
_QUARANTINE = Sql("""
    SELECT id, message_id, event_id, etat, cause, fingerprint, created_at, settled_at, replayed_as
    FROM quarantine WHERE message_id = ANY(CAST(:messages AS uuid[])) ORDER BY created_at
""")
_ACTS = Sql("""
    SELECT at, actor, action, object, detail FROM audit
    WHERE object = ANY(CAST(:objects AS text[])) AND action NOT LIKE 'message.%' ORDER BY id LIMIT 1000
""")


async def events(connection: Connection, message: UUID) -> Sequence[Row]:
    """The first 5,000 events of a message, and of what followed from them: whether each still waits, what came of
    it, and its open row of the quarantine."""
    return await _EVENTS.all(connection, message=message)


async def events_about(connection: Connection, subject: UUID, most: int) -> Sequence[Row]:
    """The newest events of a subject, oldest first, whatever message they came in."""
    return await _EVENTS_ABOUT.all(connection, subject=subject, most=most)


async def said_before(connection: Connection, event: UUID) -> Sequence[bytes]:
    """What the sender of an event has said of its subject up to it, newest first: the event itself is the first."""
    return await _SAID_BEFORE.column(connection, event=event)


async def deliveries(connection: Connection, events: Sequence[UUID]) -> Sequence[Row]:
    """The first 5,000 deliveries of these events, with what each waits for."""
    return await _DELIVERIES.all(connection, events=list(events))


async def messages_of(connection: Connection, ident: UUID) -> list[UUID]:
    """Messages behind an id of any kind: message, event, delivery, subject, entry of the quarantine."""
    return await _MESSAGES_OF.column(connection, id=ident)


async def subjects_of(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Which of these are subjects, and the subjects of those that are households."""
    return await _SUBJECTS_OF.column(connection, ids=list(ids))


async def stands(connection: Connection, ids: Sequence[UUID]) -> Sequence[Row]:
    """Where these subjects stand."""
    return await _STANDS.all(connection, ids=list(ids))


async def refusals(connection: Connection, messages: Sequence[UUID]) -> Sequence[Row]:
    """The rows of quarantine that refused messages have, decided or not."""
    return await _QUARANTINE.all(connection, messages=list(messages))


async def acts(connection: Connection, objects: Sequence[UUID]) -> Sequence[Row]:
    """What people did with these, oldest first."""
    return await _ACTS.all(connection, objects=[str(each) for each in objects])
