"""Measures of what a statement costs PostgreSQL."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from router.store.database import Connection
from tests.integration.memory import Memory

_COUNTED = """
    SELECT relid::regclass::text AS name, seq_scan, COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0) AS rows
    FROM pg_stat_xact_user_tables WHERE schemaname = current_schema()
"""


_COUNTED_IN_ALL = """
    SELECT seq_tup_read + COALESCE(idx_tup_fetch, 0) AS rows FROM pg_stat_user_tables
    WHERE schemaname = current_schema() AND relname = $1
"""


async def left_alone(memory: Memory, *tables: str) -> None:
    """Turn off autovacuum for these tables, so that PostgreSQL learns their sizes only by `know_the_sizes`."""
    for table in tables:
        await memory.sql(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


async def know_the_sizes(memory: Memory, table: str) -> None:
    """Let PostgreSQL learn a table's present size for its plans (ANALYZE)."""
    await memory.sql(f"ANALYZE {table}")


async def plan_for_any_values(connection: Connection) -> None:
    """Make PostgreSQL use generic plans in this transaction, as it does for a statement that it has run often."""
    await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")


async def reading_whole_tables_seems_free(connection: Connection) -> None:
    """Make PostgreSQL prefer sequential scans in this transaction, as it may with statistics that are wrong."""
    await connection.execute("SET LOCAL seq_page_cost = 0; SET LOCAL cpu_tuple_cost = 0")


@asynccontextmanager
async def rows_read(connection: Connection) -> AsyncIterator[Counter[str]]:
    """Count the rows that are read from each table in the block. The counter is filled when the block ends; all in
    one transaction."""
    async with _counted(connection, "rows") as rows:
        yield rows


async def rows_read_in_all(memory: Memory, table: str) -> int:
    """Return how many rows all connections have read from a table. A connection publishes its numbers when it is
    closed, or some time after a statement."""
    ((rows,),) = await memory.sql(_COUNTED_IN_ALL, table)
    return int(rows)


@asynccontextmanager
async def scans(connection: Connection) -> AsyncIterator[Counter[str]]:
    """Count the sequential scans of each table in the block. The counter is filled when the block ends; all in one
    transaction."""
    async with _counted(connection, "seq_scan") as number:
        yield number


@asynccontextmanager
async def _counted(connection: Connection, what: str) -> AsyncIterator[Counter[str]]:
    """Count one of PostgreSQL's statistics in the block, as a difference.

    PostgreSQL's counters of a connection include earlier transactions until it publishes them, once per second at
    most.
    """
    before = await _counts(connection, what)
    counted: Counter[str] = Counter()
    yield counted
    counted += await _counts(connection, what) - before


async def _counts(connection: Connection, what: str) -> Counter[str]:
    return Counter({row["name"]: row[what] for row in await connection.fetch(_COUNTED)})
