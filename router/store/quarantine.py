"""Store the quarantine: the messages, records of Kafka and events that could not be read, accepted or
applied. Each has its cause, and a fingerprint that similar failures share.

A row is `ouverte` until somebody decides about it, and `rejouee` while it is tried again. Once the event of a
row is applied, the row is `appliquee` until all deliveries of the event are made. At the end, a row is
`resolue`, or `classee` if somebody closed it.

An event in quarantine blocks its subject: later events of the subject are parked until this event is applied.
A closed event is applied too, without effect.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from contracts import uuids
from router.domain.sandbox import sandbox_of
from router.store.deliveries import DONE
from router.store.jobs import MATCHES, Filter
from router.store.sql import Connection, Sql

KEY_TAKEN = "cle_deja_utilisee"
"""Cause of a fetched message whose idempotency key was used for other content."""
PATIENCE = timedelta(days=14)
"""Age from which a row that nobody has decided about is reported again."""
ENDED = "('resolue', 'classee')"
"""SQL list of the final states."""
_KEEP = Sql("""
    INSERT INTO quarantine (id, etat, cause, fingerprint, partner, message_id, event_id, subject, raw, detail)
    SELECT i, 'ouverte', c, f, p, m, e, s, r, CAST(d AS jsonb)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:causes AS text[]), CAST(:fingerprints AS text[]),
                CAST(:partners AS text[]), CAST(:messages AS uuid[]), CAST(:events AS uuid[]),
                CAST(:subjects AS uuid[]), CAST(:raws AS bytea[]), CAST(:details AS text[]))
         AS q(i, c, f, p, m, e, s, r, d)
    ON CONFLICT (id) DO UPDATE SET etat = 'ouverte', cause = excluded.cause, detail = excluded.detail,
                                   fingerprint = excluded.fingerprint, settled_at = now()
""")
FURTHER = """
    SELECT cause, partner, jsonb_object_agg(code, number) AS also FROM (
        SELECT cause, partner, code, count(*) AS number FROM few CROSS JOIN LATERAL (
            SELECT DISTINCT found[1] AS code FROM regexp_matches(fingerprint, ' ([a-z_]+):', 'g') AS found) AS each
        WHERE refused AND code <> cause GROUP BY cause, partner, code) AS numbered
    GROUP BY cause, partner"""
"""Query about the refused messages in `few`, in groups of the same cause and sender. For each group, it
counts the messages that have a further cause, by that further cause. The fingerprint of a message has all its
causes, each before a field's name."""
WHY = """(
    SELECT concat_ws(' ; et ', NULLIF(concat_ws(' : ', 'ligne ' || (rejections -> 0 ->> 'ligne'),
                                                rejections -> 0 ->> 'message'), ''), further.told)
    FROM inbox CROSS JOIN LATERAL (
        SELECT count(*) || CASE WHEN count(*) > 1 THEN ' autres : ' ELSE ' autre : ' END
               || string_agg(champ, ', ' ORDER BY champ) AS told
        FROM (SELECT DISTINCT each ->> 'champ' AS champ
              FROM jsonb_array_elements(jsonb_path_query_array(rejections, '$[1 to 50]')) AS each) AS named
        WHERE champ <> COALESCE(rejections -> 0 ->> 'champ', '')) AS further
    WHERE inbox.id = {message})"""
"""SQL subquery for a French text that says why the message `{message}` was refused: its first rejection, and
the other wrong fields. NULL without a message."""
IS_A_MESSAGE = "message_id IS NOT NULL AND event_id IS NULL"
"""SQL condition: the row is about a message refused entirely."""
_OPEN = "quarantine WHERE etat = 'ouverte'"
_GROUP = "cause, COALESCE(partner, '')"
GROUPS = f"""
        (SELECT {_GROUP} FROM {_OPEN} ORDER BY {_GROUP} LIMIT 1)
        UNION ALL
        SELECT later.* FROM found CROSS JOIN LATERAL (
            SELECT {_GROUP} FROM {_OPEN} AND ({_GROUP}) > (found.cause, found.sender)
            ORDER BY {_GROUP} LIMIT 1) AS later
"""
"""Body of the recursive SQL query `found(cause, sender)`. It returns the cause and sender of each group of
open rows. The sender is '' for rows without a sender."""
OF_GROUP = f"{_OPEN} AND ({_GROUP}) = (found.cause, found.sender)"
"""SQL for the open rows of the group `found`, to be written after FROM."""
_LIST = Sql(f"""
    WITH RECURSIVE found(cause, sender) AS ({GROUPS})
    SELECT cause, NULLIF(sender, '') AS partner, oldest.created_at AS depuis, oldest.id AS exemple, oldest.fingerprint,
           {WHY.format(message="oldest.message_id")} AS raison,
           (SELECT created_at FROM {OF_GROUP} ORDER BY created_at DESC LIMIT 1) AS jusqu_a,
           counted.*
    FROM found CROSS JOIN LATERAL (
        SELECT created_at, id, message_id, fingerprint FROM {OF_GROUP} ORDER BY created_at LIMIT 1
    ) AS oldest CROSS JOIN LATERAL (
        WITH few AS (
            SELECT cause, partner, fingerprint, {IS_A_MESSAGE} AS refused FROM {OF_GROUP}
            LIMIT CAST(:most AS bigint))
        SELECT count(*) AS nombre, count(DISTINCT fingerprint) AS raisons,
               COALESCE((SELECT also FROM ({FURTHER}) AS further), '{{}}') AS aussi FROM few
    ) AS counted
    WHERE CAST(:partner AS text) IS NULL OR sender = :partner
    ORDER BY nombre DESC, oldest.created_at
""")
_MEMBERS = Sql(f"""
    SELECT id, cause, fingerprint, partner, message_id, event_id, subject, created_at,
           {WHY.format(message="quarantine.message_id")} AS raison
    FROM quarantine WHERE etat = 'ouverte' AND {MATCHES}
      AND (CAST(:among AS text[]) IS NULL OR partner = ANY(CAST(:among AS text[])))
      AND (CAST(:after_at AS timestamptz) IS NULL
           OR (created_at, id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
    ORDER BY created_at, id LIMIT :limit
""")
_UNDECIDED = Sql("""
    SELECT cause, partner, count(*) AS number, min(created_at) AS since
    FROM quarantine WHERE etat = 'ouverte' AND created_at < now() - CAST(:age AS interval)
    GROUP BY cause, partner ORDER BY min(created_at)
""")
_OPEN_RECORDS = Sql("""
    SELECT count(*) AS number FROM (
        SELECT FROM quarantine WHERE etat = 'ouverte' AND event_id IS NULL AND message_id IS NULL
        LIMIT CAST(:most AS bigint)) AS first
""")
_OPEN_OF = Sql(f"""
    SELECT count(*) AS number FROM (
        SELECT FROM {_OPEN} AND cause = :cause AND COALESCE(partner, '') = :partner
        LIMIT CAST(:most AS bigint)) AS first
""")
_SHOW = Sql("""
    SELECT etat, cause, fingerprint, partner, message_id, event_id, subject, detail, created_at
    FROM quarantine WHERE id = :id
""")
_REPLAYED = Sql("""
    UPDATE quarantine SET etat = 'rejouee', job_id = :job, replayed_as = :new, settled_at = now()
    WHERE id = :id AND etat = 'ouverte' RETURNING id
""")
_OBSERVE = Sql(f"""
    UPDATE quarantine q SET settled_at = now(),
        etat = CASE WHEN i.etat = 'refuse' THEN 'ouverte' ELSE 'resolue' END
    FROM inbox i
    WHERE q.etat = 'rejouee' AND q.replayed_as IS NOT NULL AND i.id = q.replayed_as
      AND i.etat <> 'en_cours' AND NOT i.held
      AND NOT EXISTS (SELECT FROM event e JOIN outbox o ON o.event_id = e.id WHERE e.correlation = i.id)
      AND NOT EXISTS (SELECT FROM event e JOIN quarantine x ON x.event_id = e.id
                      WHERE e.correlation = i.id AND x.etat NOT IN {ENDED})
      AND NOT EXISTS (SELECT FROM event e JOIN delivery d ON d.event_id = e.id
                      WHERE e.correlation = i.id AND d.etat NOT IN {DONE})
""")
_LET_PASS = Sql("""
    UPDATE quarantine SET settled_at = now(),
        etat = CASE WHEN detail ? 'classement' THEN 'classee' ELSE 'appliquee' END
    WHERE etat = 'rejouee' AND event_id = ANY(CAST(:events AS uuid[]))
""")
_CLOSE = Sql(f"""
    WITH wanted AS (
        SELECT id FROM quarantine WHERE etat = 'ouverte' AND GREATEST(created_at, settled_at) <= :until AND {MATCHES}
        ORDER BY id LIMIT :batch FOR UPDATE
    ), closed AS (
        UPDATE quarantine q SET settled_at = now(),
            detail = detail || jsonb_build_object('classement', CAST(:why AS text)),
            etat = CASE WHEN event_id IS NULL THEN 'classee' ELSE 'rejouee' END
        FROM wanted WHERE q.id = wanted.id RETURNING q.id, q.event_id
    ), audited AS (
        INSERT INTO audit (actor, action, object, detail)
        SELECT CAST(:actor AS text), 'quarantaine.classer', CAST(id AS text),
               jsonb_build_object('motif', CAST(:why AS text))
        FROM closed
    )
    SELECT event_id FROM closed
""")
_TO_CLOSE = Sql("""
    SELECT event_id FROM quarantine
    WHERE etat = 'rejouee' AND detail ? 'classement' AND event_id = ANY(CAST(:events AS uuid[]))
""")
_OBSERVE_EVENTS = Sql(f"""
    UPDATE quarantine q SET settled_at = now(), etat = 'resolue'
    WHERE q.etat = 'appliquee'
      AND NOT EXISTS (SELECT FROM delivery d WHERE d.event_id = q.event_id AND d.etat NOT IN {DONE})
""")


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """Message that was refused entirely."""

    message: UUID
    partner: str
    cause: str
    fingerprint: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """Event that could not be applied, or a record on Kafka that is no event of the hub."""

    id: UUID
    cause: str
    fingerprint: str
    detail: Mapping[str, Any]
    event: UUID | None = None
    """Event that could not be applied. None for a record that is no event. Then `subject` and `partner` are
    None too, so that the record blocks no subject."""
    subject: UUID | None = None
    partner: str | None = None
    raw: bytes | None = None
    """Content of a record that is no event."""


async def keep_messages(connection: Connection, refused: Sequence[RefusedMessage]) -> None:
    """Put refused messages into quarantine, except those of sandboxes."""
    refused = [each for each in refused if not sandbox_of(each.partner)]
    if refused:
        await _KEEP.run(
            connection,
            ids=[uuids.named(r.message, "quarantaine") for r in refused],
            causes=[r.cause for r in refused],
            fingerprints=[r.fingerprint for r in refused],
            partners=[r.partner for r in refused],
            messages=[r.message for r in refused],
            events=[None] * len(refused),
            subjects=[None] * len(refused),
            raws=[None] * len(refused),
            details=[to_json(r.detail).decode() for r in refused],
        )


async def keep_events(connection: Connection, failed: Sequence[FailedEvent]) -> None:
    """Put events and records into quarantine. An event in quarantine blocks its subject; a record that is no
    event blocks no subject."""
    if failed:
        await _KEEP.run(
            connection,
            ids=[f.id for f in failed],
            causes=[f.cause for f in failed],
            fingerprints=[f.fingerprint for f in failed],
            partners=[f.partner for f in failed],
            messages=[None] * len(failed),
            events=[f.event for f in failed],
            subjects=[f.subject for f in failed],
            raws=[f.raw for f in failed],
            details=[to_json(f.detail).decode() for f in failed],
        )


async def grouped(connection: Connection, most: int, partner: str | None = None) -> Sequence[Any]:
    """Group the open rows of quarantine by cause and partner, and return one row for each group, largest first.
    Of each group, at most `most` rows are counted. The column `aussi` of a returned row has the further causes
    for which the group's messages were refused, each with its number of messages. `partner` selects the rows of
    one partner; "" selects those without a sender."""
    return await _LIST.all(connection, most=most, partner=partner)


async def members(
    connection: Connection,
    wanted: Filter,
    limit: int,
    among: Collection[str] | None = None,
    after: tuple[datetime, UUID] | None = None,
) -> Sequence[Any]:
    """Return at most `limit` open rows of quarantine that match `wanted`, oldest first. If `among` is given,
    return only rows of these partners. `after` is (created_at, id) of the previous page's last row."""
    at, ident = after or (None, None)
    partners = None if among is None else list(among)
    return await _MEMBERS.all(
        connection, **wanted._asdict(), limit=limit, among=partners, after_at=at, after_id=ident
    )


async def undecided(connection: Connection) -> Sequence[Any]:
    """Count the rows of quarantine that have been open for more than two weeks. Return (cause, partner,
    number, since) for each cause and partner, oldest first."""
    return await _UNDECIDED.all(connection, age=PATIENCE)


async def open_records(connection: Connection, most: int) -> int:
    """Return the number of open rows of quarantine about records on Kafka that are no events of the hub,
    counted up to `most`."""
    return int((await _OPEN_RECORDS.one(connection, most=most)).number)


async def open_of(connection: Connection, partner: str, cause: str, most: int) -> int:
    """Return how many of a partner's rows in quarantine have this cause and still need a decision (`ouverte`),
    counted up to `most`."""
    return int((await _OPEN_OF.one(connection, partner=partner, cause=cause, most=most)).number)


async def show(connection: Connection, row: UUID) -> Any | None:
    """Return the row of quarantine with this id, or None."""
    return await _SHOW.first(connection, id=row)


async def replayed(connection: Connection, row: UUID, job: UUID | None, new: UUID | None) -> bool:
    """Mark an open row of quarantine as replayed. `job` is the job that replays it, None for an operator.
    `new` is the message that replaces the refused message of the row, None for a row about an event. Return
    False if the row is no longer open."""
    return await _REPLAYED.first(connection, id=row, job=job, new=new) is not None


async def observe(connection: Connection) -> None:
    """Mark as resolved each replayed row whose events are applied and delivered to all recipients. Open a row
    again if the message that replaced its refused message was refused too."""
    await _OBSERVE_EVENTS.run(connection)
    await _OBSERVE.run(connection)


async def let_pass(connection: Connection, events: Sequence[UUID]) -> None:
    """Record that workers are done with these replayed events, which no longer block their subjects. The rows
    of quarantine about events that an operator had closed become `classee`: they ended without effect. The
    other rows become `appliquee`: their events were applied."""
    if events:
        await _LET_PASS.run(connection, events=list(events))


async def close(
    connection: Connection, wanted: Filter, until: datetime, actor: str, why: str, batch: int
) -> list[UUID | None]:
    """Close at most `batch` open rows that match `wanted`, and write an audit row for each. Rows that came
    into quarantine, or came back, after `until` stay open. Return the event of each closed row, None for a
    row without an event. A closed event blocks its subject until a worker ends the event without effect."""
    rows = _CLOSE.column(connection, **wanted._asdict(), until=until, actor=actor, why=why, batch=batch)
    return list(await rows)


async def to_close(connection: Connection, events: Collection[UUID]) -> set[UUID]:
    """Return the events among `events` that an operator has closed. A worker must end them without effect."""
    return set(await _TO_CLOSE.column(connection, events=list(events)))
