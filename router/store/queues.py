"""Find the pending events that the relay publishes next.

A queue has the pending events of one partner: those of its small messages, or those of its bulk. A search
reads only the events that it returns, however long a queue is.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from uuid import UUID

from router.domain.turns import Published, Queue, Unpublished
from router.store.log import NOT_PARKED, Entry, attributes_of
from router.store.sql import Connection, Sql

QUEUES = """
    WITH RECURSIVE queue AS (
        (SELECT bulk, partner FROM outbox WHERE shard >= 0 ORDER BY bulk, partner LIMIT 1)
        UNION ALL
        SELECT later.bulk, later.partner FROM queue CROSS JOIN LATERAL (
            SELECT bulk, partner FROM outbox WHERE shard >= 0 AND (bulk, partner) > (queue.bulk, queue.partner)
            ORDER BY bulk, partner LIMIT 1
        ) AS later
    )
"""
"""Beginning of a statement. Its query `queue` returns each queue with pending events, as (bulk, partner)."""
# The condition on (bulk, partner) is written with bounds. With an equality, PostgreSQL would read and sort
# the whole queue.
_LOOK = Sql(f"""{QUEUES}, first AS (
    SELECT queue.bulk, queue.partner, head.seq, head.subject FROM queue CROSS JOIN LATERAL (
        SELECT seq, subject FROM outbox
        WHERE (bulk, partner, seq) > (queue.bulk, queue.partner, 0)
          AND (bulk, partner) <= (queue.bulk, queue.partner)
          AND shard >= 0 AND shard % CAST(:relays AS int) = CAST(:relay AS int)
        ORDER BY bulk, partner, seq
        LIMIT CASE WHEN queue.bulk THEN CAST(:bulk AS bigint) ELSE CAST(:small AS bigint) END + COALESCE((
            SELECT number FROM unnest(CAST(:bulks AS boolean[]), CAST(:partners AS text[]), CAST(:numbers AS bigint[]))
                AS published(bulk, partner, number)
            WHERE published.bulk = queue.bulk AND published.partner = queue.partner), 0)
    ) AS head)
    SELECT bulk, partner, seq, subject, NULL AS seqs FROM first
    WHERE seq NOT IN (SELECT unnest(CAST(:published AS bigint[])))
    UNION ALL SELECT bulk, partner, max(seq), NULL, array_agg(seq) FROM first GROUP BY bulk, partner
""")
_FURTHER_ON = Sql(f"SELECT seq FROM outbox WHERE event_id = ANY(CAST(:events AS uuid[])) AND {NOT_PARKED}")
_READ = Sql("""
    SELECT pending.* FROM unnest(CAST(:subjects AS uuid[]), CAST(:lasts AS bigint[]))
        WITH ORDINALITY AS picked(subject, last, turn)
    CROSS JOIN LATERAL (
        SELECT o.seq, o.bulk, e.id, e.type, e.source, e.subject, e.territoire, e.time, e.correlation, e.causation,
               e.trace, e.payload, e.mac
        FROM outbox o CROSS JOIN LATERAL (SELECT * FROM event WHERE id = o.event_id LIMIT 1) AS e
        WHERE (o.subject, o.seq) > (picked.subject, 0) AND (o.subject, o.seq) <= (picked.subject, picked.last)
          AND o.shard >= 0 AND o.seq NOT IN (SELECT unnest(CAST(:published AS bigint[])))
        ORDER BY o.subject, o.seq LIMIT CAST(:most AS bigint)
    ) AS pending ORDER BY picked.turn, pending.seq LIMIT CAST(:most AS bigint)
""")
_SAID = Sql("""
    SELECT FROM outbox WHERE NOT bulk AND partner = ANY(CAST(:partners AS text[])) AND shard >= 0 LIMIT 1
""")
_PRECEDED = Sql("""
    SELECT DISTINCT asked.event
    FROM unnest(CAST(:events AS uuid[]), CAST(:subjects AS uuid[]), CAST(:seqs AS bigint[]))
         AS asked(event, subject, seq)
    WHERE EXISTS (SELECT FROM outbox o WHERE o.subject = asked.subject AND o.shard >= 0 AND o.seq < asked.seq)
""")
_SPAN = Sql(f"""{QUEUES}
    SELECT COALESCE(max(newest.seq) - min(oldest.seq) + 1, 0) AS numbers FROM queue
    CROSS JOIN LATERAL (
        SELECT seq FROM outbox WHERE bulk = queue.bulk AND partner = queue.partner AND shard >= 0
        ORDER BY seq LIMIT 1) AS oldest
    CROSS JOIN LATERAL (
        SELECT seq FROM outbox WHERE bulk = queue.bulk AND partner = queue.partner AND shard >= 0
        ORDER BY seq DESC LIMIT 1) AS newest
""")
_COUNT = Sql("""
    SELECT count(*) AS waiting FROM (SELECT FROM outbox WHERE shard >= 0 LIMIT CAST(:limit AS bigint)) AS first
""")


async def plan_anew(connection: Connection) -> None:
    """Make PostgreSQL plan each statement of this transaction anew, and read each table by an index. Call this
    when many events are pending. Otherwise PostgreSQL may use, for up to a minute, a plan that was made while
    nothing was pending, and so read the whole outbox."""
    await connection.execute("""
        SET LOCAL plan_cache_mode = force_custom_plan;
        SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off
    """)


async def look(
    connection: Connection,
    relay: int,
    relays: int,
    published: Mapping[int, Published],
    rows: Mapping[bool, int],
) -> tuple[list[Unpublished], set[int]]:
    """Return the first unpublished events of each queue, and the sequence numbers of the events in
    `published` that are still pending and not parked.

    * `published` has, by sequence number, the events that are already on Kafka.
    * `relay` (from 0) is the number of one of `relays` relays. Only subjects in its shard are searched.
    * `rows` limits how many events of a queue are read: `rows[True]` for a queue of bulk, `rows[False]` for a
      queue of small messages. For each queue, the limit grows by the number of its events in `published`."""
    numbers = Counter(standing.queue for standing in published.values())
    found = await _LOOK.all(
        connection,
        relay=relay,
        relays=relays,
        bulk=rows[True],
        small=rows[False],
        bulks=[queue.bulk for queue in numbers],
        partners=[queue.partner for queue in numbers],
        numbers=list(numbers.values()),
        published=list(published),
    )
    read = [row for row in found if row.seqs is not None]
    seen = {seq for row in read for seq in row.seqs}
    read_up_to = {Queue(row.bulk, row.partner): row.seq for row in read}
    further_on = [
        standing.event
        for seq, standing in published.items()
        if seq not in seen and seq > read_up_to.get(standing.queue, seq)
    ]
    pending = seen & published.keys()
    if further_on:
        pending |= set(await _FURTHER_ON.column(connection, events=further_on)) & published.keys()
    heads = [row for row in found if row.seqs is None]
    return [Unpublished(row.seq, row.subject, Queue(row.bulk, row.partner)) for row in heads], pending


async def read(
    connection: Connection, up_to: Mapping[UUID, int], published: Collection[int], most: int
) -> list[Entry]:
    """Return at most `most` pending events, each subject's oldest first. `up_to` has, by subject, the last
    sequence number to return. Parked events, and those with a sequence number in `published`, are left
    out."""
    rows = await _READ.all(
        connection,
        subjects=list(up_to),
        lasts=list(up_to.values()),
        published=list(published),
        most=most,
    )
    return [
        Entry(attributes_of(r["id"], r), r["payload"], bulk=r["bulk"], mac=r["mac"], seq=r["seq"])
        for r in rows
    ]


async def preceded(connection: Connection, asked: Collection[tuple[UUID, UUID, int]]) -> set[UUID]:
    """Return the events in `asked` that have to wait, because an earlier event of their subject is pending
    and not parked. `asked` has (event, subject, sequence number) for each event."""
    events, subjects, seqs = zip(*asked, strict=True)
    return set(
        await _PRECEDED.column(connection, events=list(events), subjects=list(subjects), seqs=list(seqs))
    )


async def waits_from(connection: Connection, partners: Collection[str]) -> bool:
    """Tell whether one of these partners has a pending event from a small message. Parked events do not
    count."""
    return await _SAID.first(connection, partners=list(partners)) is not None


async def backlog_exceeds(connection: Connection, most: int) -> bool:
    """Tell whether more than `most` events are pending, without parked events. At most `most` + 1 events are
    counted."""
    if (await _SPAN.one(connection)).numbers <= most:
        return False
    return bool((await _COUNT.one(connection, limit=most + 1)).waiting > most)
