"""Store the log of events, and the outbox. The outbox has a row for each pending event, which is accepted and
not yet applied.

The relay publishes a pending event, and the worker deletes its outbox row when it applies the event. A
deferred event has no outbox row yet: it waits for a large message, or for the other rows of its own message.

In the outbox, `partner` and `bulk` name the event's queue (module `queues`). `shard` is the last byte of the
subject's id, by which relays share the events. It is -1 if the event is parked, which means that it waits
behind an event in quarantine.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import Attributes
from router.domain.proof import Prover
from router.domain.turns import SMALL_ROWS
from router.store.outcomes import APPLIED
from router.store.sql import Connection, Sql

KEPT = timedelta(days=90)
"""Time for which an applied event stays in the log: three times as long as on Kafka."""
_ATTRIBUTES = itemgetter(
    "type", "source", "subject", "time", "territoire", "correlation", "causation", "trace"
)
_SUBJECT_BYTE = "get_byte(uuid_send(subject), 15)"
ROWS = """
    SELECT * FROM unnest(
        CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:sources AS text[]), CAST(:subjects AS uuid[]),
        CAST(:territoires AS text[]), CAST(:times AS timestamptz[]), CAST(:correlations AS uuid[]),
        CAST(:causations AS uuid[]), CAST(:traces AS text[]), CAST(:rows AS int[]), CAST(:payloads AS bytea[]),
        CAST(:bulks AS boolean[]), CAST(:macs AS bytea[])
    ) WITH ORDINALITY AS r(id, type, source, subject, territoire, time, correlation, causation, trace,
                           message_row, payload, bulk, mac, n)
"""
"""Query that makes one row of each event. Its parameters are arrays: `values_of` returns them."""
APPENDED = """
    INSERT INTO event (id, type, source, subject, territoire, time, correlation, causation, trace,
                       message_row, payload, mac)
    SELECT id, type, source, subject, territoire, time, correlation, causation, trace, message_row, payload, mac
    FROM rows ORDER BY n
    ON CONFLICT (id) DO NOTHING
    RETURNING id, seq, source, subject
"""
"""Statement that appends the events of the query `rows` to the log, and returns the appended events. It skips
events that the log already has."""
_OUTBOX = "outbox (event_id, seq, shard, partner, subject, bulk)"
MADE_PENDING = f"""
    INSERT INTO {_OUTBOX}
    SELECT id, seq, {_SUBJECT_BYTE}, appended.source, subject, bulk
    FROM appended JOIN (SELECT id, bulk FROM rows) AS classed USING (id)
    RETURNING event_id, seq, subject
"""
"""Statement that makes the events of the query `appended` pending."""
_APPEND = f"WITH rows AS ({ROWS}), appended AS ({APPENDED})"
_APPEND_DEFERRED = Sql(f"{_APPEND} SELECT id, seq FROM appended")
_APPEND_PENDING = Sql(f"{_APPEND}, pending AS ({MADE_PENDING}) SELECT id, seq FROM appended")
_RELEASE = Sql(f"""
    INSERT INTO {_OUTBOX}
    SELECT id, nextval(pg_get_serial_sequence('event', 'seq')), {_SUBJECT_BYTE}, source, subject,
           count(*) OVER () > CAST(:small AS bigint)
    FROM (SELECT id, source, subject FROM event WHERE correlation = :message AND message_row IS NOT NULL ORDER BY seq)
    AS deferred
    ON CONFLICT (event_id) DO NOTHING
""")
_MAKE_PENDING = Sql(f"""
    INSERT INTO {_OUTBOX}
    SELECT id, nextval(pg_get_serial_sequence('event', 'seq')), {_SUBJECT_BYTE}, source, subject, false
    FROM event WHERE id = :event
    ON CONFLICT (event_id) DO NOTHING
""")
_DROP = Sql("DELETE FROM event WHERE correlation = :message")
_TAKE = Sql("DELETE FROM outbox WHERE event_id = ANY(CAST(:ids AS uuid[])) RETURNING event_id")
_KNOWN = Sql("SELECT id FROM event WHERE id = ANY(CAST(:ids AS uuid[]))")
_PARK = Sql(f"""
    INSERT INTO {_OUTBOX}
    SELECT t.id, t.seq, -1, e.source, e.subject, t.bulk
    FROM unnest(CAST(:ids AS uuid[]), CAST(:seqs AS bigint[]), CAST(:bulks AS boolean[])) AS t(id, seq, bulk)
    JOIN event e ON e.id = t.id
""")
_PARKED = Sql("""
    DELETE FROM outbox o USING event e
    WHERE o.shard = -1 AND e.id = o.event_id AND e.subject = ANY(CAST(:subjects AS uuid[]))
    RETURNING o.seq, o.bulk, e.id, e.type, e.source, e.subject, e.territoire, e.time, e.correlation, e.causation,
              e.trace, e.payload
""")
_COUNT_PARKED = Sql("""
    SELECT count(*) AS parked FROM (
        SELECT FROM outbox o JOIN event e ON e.id = o.event_id
        WHERE o.shard = -1 AND e.subject = ANY(CAST(:subjects AS uuid[])) LIMIT CAST(:limit AS bigint)) AS first
""")
NOT_PARKED = "shard <> -1"
"""SQL condition on a row of the outbox: its event is not parked. The condition `shard >= 0` would make
PostgreSQL read a whole index."""
_STILL_PENDING = Sql(
    f"SELECT event_id FROM outbox WHERE event_id = ANY(CAST(:ids AS uuid[])) AND {NOT_PARKED}"
)
_UNPARK = Sql("""
    UPDATE outbox SET shard = get_byte(uuid_send(event.subject), 15) FROM event
    WHERE outbox.shard = -1 AND event.id = outbox.event_id AND event.subject = :subject
""")
_AS_WRITTEN = Sql(f"""
    SELECT e.id, e.type, e.source, e.subject, e.territoire, e.time, e.correlation, e.causation, e.trace, e.payload,
           o.seq IS NOT NULL AND NOT EXISTS (
               SELECT FROM outbox p JOIN event b ON b.id = p.event_id WHERE b.subject = e.subject AND p.seq < o.seq
           ) AS in_turn
    FROM event e LEFT JOIN outbox o ON o.event_id = e.id AND {NOT_PARKED}
    WHERE e.id = ANY(CAST(:ids AS uuid[]))
""")
_HISTORY = Sql(f"""
    SELECT id FROM event e WHERE subject = :subject AND type = ANY(CAST(:types AS text[])) AND {APPLIED} ORDER BY seq
""")
_SOME_PROVEN = Sql("""
    SELECT id, type, source, subject, territoire, time, correlation, causation, trace, payload, mac FROM event
    WHERE mac IS NOT NULL AND time > now() - interval '30 days' LIMIT 8
""")


class Entry(NamedTuple):
    """Event as it is stored in the log, or read from Kafka. `row` is the number of its row in the sender's
    message, None if unknown or if the hub made the event."""

    attributes: Attributes
    payload: bytes
    row: int | None = None
    bulk: bool = False
    mac: bytes | None = None
    """Proof that the hub wrote the event. None until it is made."""
    seq: int = 0
    """Sequence number in the log. 0 if unknown."""
    predecessor: UUID | None = None
    """Predecessor of the event. Set only on an event read from Kafka."""


async def append(
    connection: Connection, prover: Prover, entries: Sequence[Entry], *, deferred: bool = False
) -> dict[UUID, int]:
    """Append events to the log in the order of `entries`, each with its proof. They become pending, or
    deferred if `deferred` is true. Events that the log already has are skipped. Return the sequence numbers
    of the appended events, by event id."""
    return await append_proven(connection, proven(prover, entries), deferred=deferred)


async def append_proven(
    connection: Connection, entries: Sequence[Entry], *, deferred: bool = False
) -> dict[UUID, int]:
    """Append events to the log in the order of `entries`. Each event must have its proof. The events become
    pending, or deferred if `deferred` is true. Events that the log already has are skipped. Return the
    sequence numbers of the appended events, by event id."""
    if not entries:
        return {}
    statement = _APPEND_DEFERRED if deferred else _APPEND_PENDING
    rows = await statement.all(connection, **values_of(entries))
    return {row.id: row.seq for row in rows}


def proven(prover: Prover, entries: Iterable[Entry]) -> list[Entry]:
    """Return copies of the events with their proofs."""
    return [
        Entry(e.attributes, e.payload, e.row, e.bulk, prover.mac(e.attributes, e.payload)) for e in entries
    ]


def values_of(entries: Sequence[Entry]) -> dict[str, object]:
    """Return the parameters of the query `ROWS`, which turns events into rows of the log. Each event must
    have its proof."""
    attributes, macs = [each.attributes for each in entries], [each.mac for each in entries]
    assert None not in macs, "what is appended has its proof"
    return {
        "ids": [a.id for a in attributes],
        "types": [a.type for a in attributes],
        "sources": [a.source for a in attributes],
        "subjects": [a.subject for a in attributes],
        "territoires": [a.territoire for a in attributes],
        "times": [a.time for a in attributes],
        "correlations": [a.correlationid for a in attributes],
        "causations": [a.causationid for a in attributes],
        "traces": [a.traceparent for a in attributes],
        "rows": [each.row for each in entries],
        "payloads": [each.payload for each in entries],
        "bulks": [each.bulk for each in entries],
        "macs": macs,
    }


async def make_message_pending(connection: Connection, message: UUID) -> None:
    """Make a message's deferred events pending, after all events that are already pending. If a recovery from
    Kafka has already made an event pending, the event keeps its place."""
    await _RELEASE.run(connection, message=message, small=SMALL_ROWS)


async def drop(connection: Connection, message: UUID) -> None:
    """Delete the deferred events of a refused message."""
    await _DROP.run(connection, message=message)


async def make_pending(connection: Connection, event: UUID) -> None:
    """Make an event of the log pending again, after all events that are already pending. An event that is still
    pending keeps its place."""
    await _MAKE_PENDING.run(connection, event=event)


async def take_pending(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Delete the outbox rows of these events, so that no other transaction applies them. Return the events that
    were pending."""
    return set(await _TAKE.column(connection, ids=list(ids)))


async def still_pending(connection: Connection, ids: Collection[UUID]) -> set[UUID]:
    """Return the events among `ids` that are pending and not parked."""
    return set(await _STILL_PENDING.column(connection, ids=list(ids)))


async def park(connection: Connection, entries: Sequence[Entry]) -> None:
    """Put events that were taken from the outbox back into it, as parked. Each event keeps its sequence
    number."""
    if entries:
        ids, seqs = [each.attributes.id for each in entries], [each.seq for each in entries]
        await _PARK.run(connection, ids=ids, seqs=seqs, bulks=[each.bulk for each in entries])


async def parked_exceed(connection: Connection, subjects: Sequence[UUID], most: int) -> bool:
    """Tell whether more than `most` events of these subjects are parked."""
    return bool((await _COUNT_PARKED.one(connection, subjects=list(subjects), limit=most + 1)).parked > most)


async def take_parked(connection: Connection, subjects: Sequence[UUID]) -> list[Entry]:
    """Delete the outbox rows of the parked events of these subjects. Return these events, oldest first."""
    rows = sorted(await _PARKED.all(connection, subjects=list(subjects)), key=lambda row: row.seq)
    return [Entry(attributes_of(row.id, row), row.payload, bulk=row.bulk, seq=row.seq) for row in rows]


async def unpark(connection: Connection, subject: UUID) -> None:
    """Let the relay publish the parked events of a subject, in their order."""
    await _UNPARK.run(connection, subject=subject)


async def known(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Return the events among `ids` that are in the log."""
    return set(await _KNOWN.column(connection, ids=list(ids)))


async def as_written(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, tuple[Entry, bool]]:
    """Return the events `ids` as the log has them, by id. The bool with each event is true if the event is
    the next pending event of its subject."""
    rows = await _AS_WRITTEN.all(connection, ids=list(ids))
    return {r.id: (Entry(attributes_of(r.id, r), r.payload), r.in_turn) for r in rows}


async def history(connection: Connection, subject: UUID, types: Sequence[str]) -> list[UUID]:
    """Return the events of a subject that have one of these types and were applied, oldest first. Events that a
    rule forbade are left out."""
    return await _HISTORY.column(connection, subject=subject, types=list(types))


async def some_proven(connection: Connection) -> list[Entry]:
    """Return up to eight recent events with proofs, to test the HMAC keys."""
    rows = await _SOME_PROVEN.all(connection)
    return [Entry(attributes_of(row.id, row), row.payload, mac=row.mac) for row in rows]


def attributes_of(ident: UUID, row: Any) -> Attributes:
    """Return the attributes of an event's envelope. The id is `ident`. The others (type, sender, subject…)
    are those of `row`, which has the columns of the table `event`."""
    return Attributes(ident, *_ATTRIBUTES(row))
