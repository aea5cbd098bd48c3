"""The log of events and its outbox: a row in `outbox` is the token of an event that is still to be applied."""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import Attributes
from router.store.sql import Connection, Sql

_ATTRIBUTES = itemgetter(
    "type", "source", "subject", "time", "territoire", "correlation", "causation", "trace"
)
_SHARD = "get_byte(uuid_send(subject), 15)"
_APPEND = """
    WITH rows AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:sources AS text[]), CAST(:subjects AS uuid[]),
            CAST(:territoires AS text[]), CAST(:times AS timestamptz[]), CAST(:correlations AS uuid[]),
            CAST(:causations AS uuid[]), CAST(:traces AS text[]), CAST(:rows AS int[]), CAST(:payloads AS bytea[])
        ) WITH ORDINALITY AS r(id, type, source, subject, territoire, time, correlation, causation, trace,
                               message_row, payload, n)
    ), appended AS (
        INSERT INTO event (id, type, source, subject, territoire, time, correlation, causation, trace,
                           message_row, payload)
        SELECT id, type, source, subject, territoire, time, correlation, causation, trace, message_row, payload
        FROM rows ORDER BY n
        ON CONFLICT (id) DO NOTHING
        RETURNING id, seq, subject
    )
"""
_HOLD = Sql(_APPEND + "SELECT id, seq FROM appended")
_PUBLISH = Sql(
    _APPEND
    + f""", tokens AS (
        INSERT INTO outbox (event_id, seq, shard)
        SELECT id, seq, {_SHARD} FROM appended
    )
    SELECT id, seq FROM appended"""
)
_RELEASE = Sql(f"""
    INSERT INTO outbox (event_id, seq, shard)
    SELECT id, nextval(pg_get_serial_sequence('event', 'seq')), {_SHARD}
    FROM (SELECT id, subject FROM event WHERE correlation = :message AND message_row IS NOT NULL ORDER BY seq)
    AS held
    ON CONFLICT (event_id) DO NOTHING
""")
_GIVE_BACK = Sql(f"""
    INSERT INTO outbox (event_id, seq, shard)
    SELECT id, nextval(pg_get_serial_sequence('event', 'seq')), {_SHARD} FROM event WHERE id = :event
    ON CONFLICT (event_id) DO NOTHING
""")
_DROP = Sql("DELETE FROM event WHERE correlation = :message")
_TAKE = Sql("DELETE FROM outbox WHERE event_id = ANY(CAST(:ids AS uuid[])) RETURNING event_id, seq")
_KNOWN = Sql("SELECT id FROM event WHERE id = ANY(CAST(:ids AS uuid[]))")
_SPAN = Sql("SELECT COALESCE(max(seq) - min(seq) + 1, 0) AS numbers FROM outbox WHERE shard >= 0")
_COUNT = Sql("""
    SELECT count(*) AS waiting FROM (SELECT FROM outbox WHERE shard >= 0 LIMIT CAST(:limit AS bigint)) AS first
""")
_PARK = Sql("""
    INSERT INTO outbox (event_id, seq, shard)
    SELECT id, seq, -1 FROM unnest(CAST(:ids AS uuid[]), CAST(:seqs AS bigint[])) AS t(id, seq)
""")
_PARKED = Sql("""
    DELETE FROM outbox o USING event e
    WHERE o.shard = -1 AND e.id = o.event_id AND e.subject = ANY(CAST(:subjects AS uuid[]))
    RETURNING o.seq, e.id, e.type, e.source, e.subject, e.territoire, e.time, e.correlation, e.causation, e.trace,
              e.payload
""")
_COUNT_PARKED = Sql("""
    SELECT count(*) AS parked FROM (
        SELECT FROM outbox o JOIN event e ON e.id = o.event_id
        WHERE o.shard = -1 AND e.subject = ANY(CAST(:subjects AS uuid[])) LIMIT CAST(:limit AS bigint)) AS first
""")
_OF_RELAY = "shard >= 0 AND shard % CAST(:relays AS int) = CAST(:relay AS int)"
_NOT_PARKED = "shard <> -1"
"""As true as `shard >= 0`, and no reason for PostgreSQL to walk the index of all that waits."""
_WAITING = Sql(f"SELECT seq, event_id FROM outbox WHERE {_OF_RELAY} ORDER BY seq LIMIT :limit")
_PRECEDED = Sql("""
    SELECT FROM outbox o JOIN event e ON e.id = o.event_id
    WHERE e.subject = :subject AND o.shard >= 0 AND o.seq < :seq LIMIT 1
""")
_UNTAKEN = Sql(f"SELECT event_id FROM outbox WHERE event_id = ANY(CAST(:ids AS uuid[])) AND {_NOT_PARKED}")
_UNPARK = Sql(f"""
    UPDATE outbox SET shard = {_SHARD} FROM event
    WHERE outbox.shard = -1 AND event.id = outbox.event_id AND event.subject = :subject
""")
_READ = Sql(f"""
    SELECT o.seq, e.id, e.type, e.source, e.subject, e.territoire, e.time, e.correlation, e.causation, e.trace,
           e.payload
    FROM outbox o JOIN event e ON e.id = o.event_id
    WHERE o.event_id = ANY(CAST(:ids AS uuid[])) AND {_NOT_PARKED} ORDER BY o.seq
""")


class Entry(NamedTuple):
    """One event of the log: envelope attributes, sealed payload, row of the message it came from."""

    attributes: Attributes
    payload: bytes
    row: int | None = None


async def append(connection: Connection, entries: Sequence[Entry], *, held: bool = False) -> dict[UUID, int]:
    """Append events in order, each with its token unless `held`; ids already known are left alone.

    Returns the ids that were new, with their sequence numbers.
    """
    if not entries:
        return {}
    attributes = [entry.attributes for entry in entries]
    parameters: dict[str, object] = {
        "ids": [a.id for a in attributes],
        "types": [a.type for a in attributes],
        "sources": [a.source for a in attributes],
        "subjects": [a.subject for a in attributes],
        "territoires": [a.territoire for a in attributes],
        "times": [a.time for a in attributes],
        "correlations": [a.correlationid for a in attributes],
        "causations": [a.causationid for a in attributes],
        "traces": [a.traceparent for a in attributes],
        "rows": [entry.row for entry in entries],
        "payloads": [entry.payload for entry in entries],
    }
    rows = await (_HOLD if held else _PUBLISH).all(connection, **parameters)
    return {row.id: row.seq for row in rows}


async def release(connection: Connection, message: UUID) -> None:
    """Give the held events of a message their tokens, all its rows at once, behind all that has one. Those that
    were taken in again from the bus, and what followed from them, are no longer rows that wait."""
    await _RELEASE.run(connection, message=message)


async def drop(connection: Connection, message: UUID) -> None:
    """Remove the held events of a message, of which nothing is accepted after all."""
    await _DROP.run(connection, message=message)


async def give_token_back(connection: Connection, event: UUID) -> None:
    """Let an event be published and applied again."""
    await _GIVE_BACK.run(connection, event=event)


async def take_tokens(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """Take the tokens of these events; only who gets one may apply its event. Their sequence numbers, by event."""
    return {row.event_id: row.seq for row in await _TAKE.all(connection, ids=list(ids))}


async def untaken(connection: Connection, ids: Collection[UUID]) -> set[UUID]:
    """Which of these events are still to be published or applied."""
    return set(await _UNTAKEN.column(connection, ids=list(ids)))


async def park(connection: Connection, tokens: Mapping[UUID, int]) -> None:
    """Put taken tokens aside, in their old order: their events wait behind one of their subject that is in
    quarantine."""
    if tokens:
        await _PARK.run(connection, ids=list(tokens), seqs=list(tokens.values()))


async def parked_exceed(connection: Connection, subjects: Sequence[UUID], most: int) -> bool:
    """Whether more events wait behind these subjects' in quarantine."""
    return bool((await _COUNT_PARKED.one(connection, subjects=list(subjects), limit=most + 1)).parked > most)


async def take_parked(connection: Connection, subjects: Sequence[UUID]) -> list[tuple[int, Entry]]:
    """Take the tokens of all that waits behind these subjects' events in quarantine, oldest first."""
    rows = sorted(await _PARKED.all(connection, subjects=list(subjects)), key=lambda row: row.seq)
    return [(row.seq, Entry(attributes_of(row.id, row), row.payload)) for row in rows]


async def unpark(connection: Connection, subject: UUID) -> None:
    """Let what waits behind a subject's event in quarantine be published again, in its old order."""
    await _UNPARK.run(connection, subject=subject)


async def known(connection: Connection, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these events the log knows."""
    return set(await _KNOWN.column(connection, ids=list(ids)))


async def backlog_exceeds(connection: Connection, most: int) -> bool:
    """Whether more events wait to be applied. Two looks at an index mostly tell; they are counted, no further than
    needed, only where their numbers lie further apart than that: one that is stuck is one."""
    if (await _SPAN.one(connection)).numbers <= most:
        return False
    return bool((await _COUNT.one(connection, limit=most + 1)).waiting > most)


async def waiting(connection: Connection, relay: int, relays: int, limit: int) -> dict[int, UUID]:
    """Events that still have a token, by sequence number, oldest first: those that this one of so many relays
    publishes.

    Every token belongs to one of them, whatever their number was when it was written.
    """
    rows = await _WAITING.all(connection, relay=relay, relays=relays, limit=limit)
    return {row.seq: row.event_id for row in rows}


async def read(connection: Connection, ids: Sequence[UUID]) -> list[tuple[int, Entry]]:
    """Those of these events that still have a token, in order, with their sequence numbers. Found by their ids: the
    statistics of a queue are those of another moment, and only the primary key is used in spite of them."""
    rows = await _READ.all(connection, ids=list(ids))
    return [(r["seq"], Entry(attributes_of(r["id"], r), r["payload"])) for r in rows]


async def preceded(connection: Connection, subject: UUID, seq: int) -> bool:
    """Whether an earlier event of a subject is still to be applied."""
    return await _PRECEDED.first(connection, subject=subject, seq=seq) is not None


def attributes_of(ident: UUID, row: Any) -> Attributes:
    """The envelope's attributes of an event from a row with the other columns of `event`."""
    return Attributes(ident, *_ATTRIBUTES(row))
