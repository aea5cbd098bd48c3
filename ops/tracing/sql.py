"""Read what histories are made of: events with their effects, deliveries, refusals, and people's actions."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from ops.tracing.history import ATTACHED, Effet, Step
from router.store.sql import Connection, Row, Sql

CORRECTS = "bureau.corriger"
"""Name of the audit action which says that a message has corrected the refused rows of an earlier message."""
EVENTS = DELIVERIES = 5000
"""Maximum number of events that are listed for one message, and of deliveries that are listed for some
events."""
_EFFET = """
    CASE WHEN q.id IS NOT NULL THEN 'quarantaine'
         WHEN o.event_id IS NOT NULL OR (i.held AND e.causation IS NULL) THEN 'accepte'
         ELSE COALESCE(x.kind, 'applique') END
"""
_STEPS = f"""
    SELECT e.id, e.correlation AS message, e.message_row AS line, e.type, e.subject, e.source, e.time AS at,
           i.received_at, {_EFFET} AS effet,
           x.reason, x.at AS judged_at, COALESCE(x.etat, s.etat) AS etat,
           COALESCE(o.shard = -1, false) AS parked, b.event_id IS NOT NULL AS again,
           q.id AS quarantine, q.cause, q.fingerprint, q.created_at AS quarantined_at
    FROM event e
    LEFT JOIN subject s ON s.id = e.subject
    LEFT JOIN inbox i ON i.id = e.correlation
    LEFT JOIN outbox o ON o.event_id = e.id
    LEFT JOIN outcome x ON x.event_id = e.id AND x.kind <> 'repris_du_bus'
    LEFT JOIN outcome b ON b.event_id = e.id AND b.kind = 'repris_du_bus'
    LEFT JOIN quarantine q ON q.event_id = e.id AND q.etat = 'ouverte'
"""
_OF_MESSAGE = Sql(f"{_STEPS} WHERE e.correlation = :message ORDER BY e.seq LIMIT :most")
_SENDERS_OWN = f"{_STEPS} WHERE e.correlation = :message AND e.source = :sender"
_OF_SENDER = Sql(f"""
    {_SENDERS_OWN} AND (CAST(:effet AS text) IS NULL OR {_EFFET} = :effet) ORDER BY e.seq LIMIT :most
""")
_EFFECTS = Sql(f"""
    SELECT effet, count(*) AS number, count(*) FILTER (WHERE reason IS DISTINCT FROM '{ATTACHED}') AS judged,
           min(at) AS since
    FROM ({_SENDERS_OWN}) AS step GROUP BY effet
""")
_OF_SUBJECT = Sql(f"{_STEPS} WHERE e.subject = :subject ORDER BY e.seq DESC LIMIT :most")
_DELIVERIES = Sql("""
    SELECT d.id, d.event_id, d.partner, d.etat, d.error, d.attempts, d.created_at, d.settled_at,
           d.reply IS NOT NULL AS replied, l.due_at, c.etat AS contact, c.cause, c.next_try_at, c.polled_at,
           p.entry #>> '{sortie,lot}' IS NOT NULL AS by_lot
    FROM unnest(CAST(:events AS uuid[])) WITH ORDINALITY AS asked(id, number)
    JOIN delivery d ON d.event_id = asked.id
    LEFT JOIN lane l ON l.partner = d.partner AND l.subject = d.subject AND d.etat IN ('en_attente', 'en_vol')
    LEFT JOIN contact c ON c.partner = d.partner
    LEFT JOIN partner p ON p.id = d.partner
    ORDER BY asked.number, d.seq LIMIT :most
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
_STATE = Sql("SELECT id, nature, etat, donnees, changed_at FROM subject WHERE id = :subject")
_REFUSALS = Sql("""
    SELECT id, message_id, event_id, etat, cause, fingerprint, created_at, settled_at, replayed_as
    FROM quarantine WHERE message_id = :message ORDER BY created_at
""")
_ACTIONS = Sql("""
    SELECT at, actor, action, object, detail FROM audit
    WHERE object = ANY(CAST(:objects AS text[])) AND action NOT LIKE 'message.%' ORDER BY id LIMIT 1000
""")
_UNDER_KEY = Sql("""
    WITH wanted AS (SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:keys AS bytea[])) AS w(partner, key))
    SELECT message_id FROM idempotency_key JOIN wanted USING (partner, key)
    UNION SELECT id FROM inbox JOIN wanted USING (partner, key)
""")
_ABOUT = Sql("""
    SELECT DISTINCT correlation FROM (
        SELECT correlation FROM event
        WHERE subject = ANY(CAST(:subjects AS uuid[])) AND source = :partner ORDER BY seq DESC LIMIT 1000
    ) AS newest
    UNION
    SELECT l.holder FROM key_link l JOIN inbox i ON i.id = l.holder AND i.partner = :partner
    WHERE l.titulaire = ANY(CAST(:subjects AS uuid[]))
""")

_SENT = Sql("""
    SELECT i.id, i.filename, i.rejections -> 0 ->> 'message' AS cause, e.type, e.subject, e.payload, i.accepted,
           s.nature, s.etat, (
               SELECT detail ->> 'corrige' FROM audit
               WHERE object = CAST(i.id AS text) AND action = :corrects AND action NOT LIKE 'message.%'
               ORDER BY id DESC LIMIT 1
           ) AS corrects
    FROM inbox i LEFT JOIN LATERAL (
        SELECT type, subject, payload FROM event
        WHERE correlation = i.id AND message_row IS NOT NULL LIMIT 1
    ) AS e ON true LEFT JOIN subject s ON s.id = e.subject
    WHERE i.id = ANY(CAST(:messages AS uuid[])) AND i.partner = :partner
""")
_SETTLED = Sql("""
    SELECT object, detail ->> 'corrige_par' AS corrected_by FROM audit
    WHERE object = ANY(CAST(:messages AS text[])) AND action = ANY(CAST(:actions AS text[]))
      AND action NOT LIKE 'message.%' ORDER BY id
""")

_SAID_SINCE = Sql("""
    SELECT DISTINCT e.type, e.subject FROM inbox refused
    JOIN event e ON e.source = refused.partner AND e.subject = ANY(CAST(:subjects AS uuid[]))
    JOIN inbox later ON later.id = e.correlation AND later.received_at > refused.received_at
    WHERE refused.id = :message AND e.message_row IS NOT NULL
""")

_IN_BOX = Sql("""
    SELECT sent.subject FROM unnest(CAST(:subjects AS uuid[]), CAST(:partners AS text[])) AS sent(subject, partner)
    WHERE EXISTS (SELECT FROM event e JOIN delivery d ON d.event_id = e.id
                  WHERE e.subject = sent.subject AND d.partner = sent.partner AND d.etat = 'deposee')
""")


async def of_message(connection: Connection, message: UUID) -> list[Step]:
    """Return the events of a message, and the events of the hub that these have caused. They come in the
    order of the log, at most `EVENTS`."""
    return [_step(row) for row in await _OF_MESSAGE.all(connection, message=message, most=EVENTS)]


async def of_sender(connection: Connection, message: UUID, sender: str, effet: str | None) -> list[Step]:
    """Return the events that `sender` sent in a message, in the order of the log, at most `EVENTS`. If
    another partner sent the message, there are none. `effet`, if given, is one of the values of `Effet`, such
    as `applique` or `anomalie`: then only events with this effect are returned."""
    rows = await _OF_SENDER.all(connection, message=message, sender=sender, effet=effet, most=EVENTS)
    return [_step(row) for row in rows]


async def effects(connection: Connection, message: UUID, sender: str) -> Sequence[Row]:
    """Count the events that `sender` sent in a message, by effect. Return one row (effet, number, judged,
    since) for each effect; `effet` is a value of `Effet`. If another partner sent the message, return no rows.
    `number` counts all events with the effect; `judged` leaves out the orphan answers that a person has since
    attached to a request. `since` is when the first of the events was accepted."""
    return await _EFFECTS.all(connection, message=message, sender=sender)


async def of_subject(connection: Connection, subject: UUID, most: int) -> list[Step]:
    """Return the `most` newest events about a subject, oldest first."""
    steps = [_step(row) for row in await _OF_SUBJECT.all(connection, subject=subject, most=most)]
    steps.reverse()
    return sorted(steps, key=lambda step: step.at)


def _step(row: Row) -> Step:
    return Step(**row)._replace(effet=Effet(row.effet))


async def said_before(connection: Connection, event: UUID) -> Sequence[bytes]:
    """Return the stored contents of an event and of earlier events that the same sender sent about the same
    subject. The newest comes first; at most 200 are returned."""
    return await _SAID_BEFORE.column(connection, event=event)


async def deliveries(connection: Connection, events: Sequence[UUID]) -> Sequence[Row]:
    """Return the deliveries of these events, in the order of `events`, at most `DELIVERIES`. The row of a
    delivery that waits says why it waits, and when the next attempt is."""
    return await _DELIVERIES.all(connection, events=list(events), most=DELIVERIES)


async def messages_of(connection: Connection, ident: UUID) -> list[UUID]:
    """Return the messages to which an id of the hub leads, at most 200. `ident` may be the id of a message,
    an event, a delivery, a subject or a quarantine row."""
    return await _MESSAGES_OF.column(connection, id=ident)


async def messages_under(connection: Connection, keys: Sequence[tuple[str, bytes]]) -> list[UUID]:
    """Return the ids of the messages that have one of these `keys`. Each key has the partner that sent the
    message, and a fingerprint: that of the message's idempotency key, or of an id that the partner gave to
    one of the message's events."""
    partners, hmacs = [partner for partner, _ in keys], [key for _, key in keys]
    return await _UNDER_KEY.column(connection, partners=partners, keys=hmacs)


async def messages_about(connection: Connection, partner: str, subjects: Sequence[UUID]) -> list[UUID]:
    """Return a partner's messages about these subjects. They are the messages that brought the partner's
    newest 1,000 events about the subjects, and all messages whose stored content names one of the
    subjects."""
    return await _ABOUT.column(connection, partner=partner, subjects=list(subjects))


async def subjects_of(connection: Connection, ids: Sequence[UUID]) -> list[UUID]:
    """Return the ids of subjects to which these ids lead: an id of a subject leads to this subject, an id of
    a household leads to all subjects of the household."""
    return await _SUBJECTS_OF.column(connection, ids=list(ids))


async def state(connection: Connection, subject: UUID) -> Row | None:
    """Return the present row of a subject, as (id, nature, etat, donnees, changed_at); None for an unknown
    subject."""
    return await _STATE.first(connection, subject=subject)


async def refusals(connection: Connection, message: UUID) -> Sequence[Row]:
    """Return the quarantine rows of a refused message, oldest first."""
    return await _REFUSALS.all(connection, message=message)


async def actions(connection: Connection, objects: Sequence[UUID]) -> Sequence[Row]:
    """Return the audit rows of what people did to these objects, oldest first, at most 1,000."""
    return await _ACTIONS.all(connection, objects=[str(each) for each in objects])


class Sent(NamedTuple):
    """A message that a partner sent, one of its events, and the present state of the event's subject."""

    id: UUID
    filename: bytes | None
    """The encrypted name of the file, if the message came as a file."""
    cause: str | None
    """The reason of the first rejection, in French."""
    type: str | None
    subject: UUID | None
    payload: bytes | None
    accepted: int
    nature: str | None
    etat: str | None
    corrects: str | None
    """Id of the message whose refused rows this message corrected; of several, the last. None if it corrected
    none."""


async def sent(connection: Connection, partner: str, messages: Sequence[UUID]) -> list[Sent]:
    """Return, of the messages with these ids, those that the partner sent."""
    rows = await _SENT.all(connection, partner=partner, messages=list(messages), corrects=CORRECTS)
    return [Sent(*row) for row in rows]


async def settled(
    connection: Connection, messages: Sequence[UUID], actions: Sequence[str]
) -> Mapping[str, str | None]:
    """Return those of `messages` for which the audit has one of these `actions`, each with the id of the later
    message that corrects it (None if no message does)."""
    rows = await _SETTLED.all(connection, messages=list(map(str, messages)), actions=list(actions))
    return {row.object: row.corrected_by for row in rows}


async def said_since(
    connection: Connection, message: UUID, subjects: Sequence[UUID]
) -> set[tuple[str, UUID]]:
    """Return what the sender of `message` has said about these subjects in later messages: the (type,
    subject) of each event."""
    rows = await _SAID_SINCE.all(connection, message=message, subjects=list(subjects))
    return {(row.type, row.subject) for row in rows}


async def in_box(connection: Connection, sent: Mapping[UUID, str]) -> set[UUID]:
    """Return those subjects about which a message lies in the recipient's mailbox. `sent` has the subjects to
    look at, each with its recipient."""
    if not sent:
        return set()
    return {*await _IN_BOX.column(connection, subjects=[*sent], partners=[*sent.values()])}
