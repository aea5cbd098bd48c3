"""Fills the tables as a million messages would leave them, with copies of messages that the hub has accepted.

A copy is a new message about a known place. Rows of inbox, idempotency keys and audit are as the gateway writes
them; the hub's own code writes event, proof and outbox row. Only events without a sealed part are copied, because a
sealed part is bound to the id of its event. The tables are never analysed, so statistics are as outdated as they
can be.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import cycle, islice

import asyncpg

from bench.errors import BenchFailed
from bench.ground import Ground
from contracts import uuids
from contracts.envelope import Attributes
from router.domain.proof import Prover
from router.privacy.sealing import HmacKey
from router.store import log
from router.store.database import Database

AT_ONCE = 2_000
"""Number of copies made in one transaction."""
FLUSH_SECONDS = 1.0
"""Longest time after which PostgreSQL's counters include the work of an open connection."""
BIG = (
    *("event", "outbox", "delivery", "lane", "subject", "crosswalk"),
    *("inbox", "idempotency_key", "audit", "holder_key"),
)
_NEVER_ANALYSED = "ALTER TABLE {table} SET (autovacuum_enabled = false)"
_UNSEALED = """
    SELECT type, source, subject, territoire, payload FROM event
    WHERE substring(payload FROM octet_length(payload) - 11) = '"scelle":[]}'
"""
_MESSAGES = """
    INSERT INTO inbox (id, partner, dialect, media_type, etat, raw, accepted)
    SELECT correlation, source, 'hebergement_json', 'application/json', 'accepte', payload, 1
    FROM event WHERE NOT EXISTS (SELECT FROM inbox WHERE id = event.correlation)
"""
_BESIDE_THEM = (
    """
    INSERT INTO audit (actor, action, object, detail)
    SELECT partner, 'message.accepte', id::text, '{"acceptes": 1, "rejetes": 0, "dialecte": "hebergement_json"}'
    FROM inbox WHERE dialect = 'hebergement_json'
    """,
    """
    INSERT INTO idempotency_key (partner, key, body_hmac, message_id, expires_at)
    SELECT partner, uuid_send(id), uuid_send(id), id, now() + interval '30 days'
    FROM inbox WHERE dialect = 'hebergement_json'
    """,
    """
    INSERT INTO holder_key (holder, wrapped, master)
    SELECT id, uuid_send(id) || uuid_send(id) || uuid_send(id), known.master
    FROM inbox CROSS JOIN (SELECT master FROM holder_key LIMIT 1) AS known WHERE dialect = 'hebergement_json'
    """,
)
_TAKEN = """
    CREATE TABLE taken AS
    SELECT o.event_id, o.seq, e.subject FROM outbox o JOIN event e ON e.id = o.event_id
    WHERE o.seq <= (SELECT seq FROM outbox ORDER BY seq DESC OFFSET $1 LIMIT 1)
"""
_APPLIED = (
    "DELETE FROM outbox USING taken WHERE outbox.event_id = taken.event_id",
    """
    INSERT INTO subject (id, nature, etat, version, donnees)
    SELECT DISTINCT t.subject, known.nature, known.etat, known.version, known.donnees
    FROM taken t CROSS JOIN (SELECT * FROM subject LIMIT 1) AS known
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO lane AS l (partner, subject, pending)
    SELECT partner, subject, count(*) FROM taken, (SELECT partner FROM lane LIMIT 1) AS known GROUP BY 1, 2
    ON CONFLICT (partner, subject) DO UPDATE SET pending = l.pending + excluded.pending
    """,
)
_DELIVERIES = """
    INSERT INTO delivery (id, partner, subject, event_id, etat)
    SELECT gen_random_uuid(), partner, subject, event_id, 'en_attente'
    FROM taken, (SELECT partner FROM lane LIMIT 1) AS known ORDER BY seq
"""


async def leave_unanalysed(ground: Ground) -> None:
    """Turn off automatic statistics for the big tables, so that PostgreSQL's planner knows no more than their size."""
    async with ground.sql() as connection:
        for table in BIG:
            await connection.execute(_NEVER_ANALYSED.format(table=table))


async def multiply(ground: Ground, events: int) -> None:
    """Copy accepted messages until `events` events are pending. Raises BenchFailed if none of them can be copied."""
    async with ground.sql() as connection:
        more = events - await connection.fetchval("SELECT count(*) FROM outbox")
        if more <= 0:
            return
        originals = await connection.fetch(_UNSEALED)
    if not originals:
        raise BenchFailed("rien à recopier : tout ce qui fut pris a une part scellée")
    await _append(ground, islice(cycle(originals), more))
    await _run(ground, [_MESSAGES, *_BESIDE_THEM])


async def _append(ground: Ground, originals: Iterable[asyncpg.Record]) -> None:
    prover = Prover(HmacKey(bytes.fromhex(ground.environment["SIAO_HUB_HMAC_KEY"])).proving())
    database = Database(ground.database)
    try:
        while batch := [_copy_of(original) for original in islice(originals, AT_ONCE)]:
            async with database.transaction() as connection:
                await log.append(connection, prover, batch)
    finally:
        await database.close()


def _copy_of(original: asyncpg.Record) -> log.Entry:
    kind, source, subject, territoire, payload = original
    attributes = Attributes(
        uuids.random(), kind, source, subject, datetime.now(UTC), territoire, uuids.random()
    )
    return log.Entry(attributes, payload, row=1)


async def apply_all_but(ground: Ground, left: int) -> None:
    """Apply all pending events except the last `left`, as the worker would: delete their outbox rows and add due
    deliveries."""
    async with ground.sql() as connection:
        await connection.execute(_TAKEN.replace("$1", str(left)))
        await asyncio.gather(_run(ground, _APPLIED), _run(ground, [_DELIVERIES]))
        await connection.execute("DROP TABLE taken")


async def counts(ground: Ground) -> dict[str, int]:
    """Return the number of rows of each big table."""
    async with ground.sql() as connection:
        return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in BIG}  # noqa: S608 - names of our own


async def scanned(ground: Ground) -> dict[str, int]:
    """Return, for each big table, the number of rows that PostgreSQL has read by sequential scans so far."""
    await asyncio.sleep(FLUSH_SECONDS)
    async with ground.sql() as connection:
        rows = await connection.fetch(
            "SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE relname = ANY($1) "
            "AND relid = to_regclass(relname)",
            BIG,
        )
        return {row["relname"]: row["seq_tup_read"] for row in rows}


async def _run(ground: Ground, statements: Sequence[str]) -> None:
    """Run these SQL statements in order, on a connection of their own."""
    async with ground.sql() as connection:
        for statement in statements:
            await connection.execute(statement)
