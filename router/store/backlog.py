"""Count each sender's pending and deferred events."""

from collections.abc import Mapping

from router.store.sql import Connection, Sql

SAMPLE_ROWS = 20_000
"""Approximate number of outbox rows that are read to estimate how many rows each sender has."""

_TOTAL = Sql("SELECT count(*) AS total FROM outbox WHERE shard >= 0")
_SAMPLE = Sql("""
    SELECT partner, count(*) AS rows FROM outbox TABLESAMPLE SYSTEM (CAST(:percent AS real))
    WHERE shard >= 0 GROUP BY partner
""")
_DEFERRED = Sql("SELECT partner, sum(accepted) AS rows FROM inbox WHERE held GROUP BY partner")


async def pending(connection: Connection) -> Mapping[str, int]:
    """Return the number of pending events by sender, without parked events. If more than 20,000 events are
    pending in all, the numbers are estimates."""
    total = (await _TOTAL.one(connection)).total
    percent = min(100.0, 100.0 * SAMPLE_ROWS / max(1, total))
    sampled = {row.partner: row.rows for row in await _SAMPLE.all(connection, percent=percent)}
    seen = sum(sampled.values())
    return {partner: rows * total // seen for partner, rows in sampled.items()}


async def deferred(connection: Connection) -> Mapping[str, int]:
    """Return the number of deferred events by sender."""
    return {row.partner: int(row.rows) for row in await _DEFERRED.all(connection)}
