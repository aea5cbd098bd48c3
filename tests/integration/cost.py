"""What a statement costs PostgreSQL."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from router.store.database import Connection
from tests.integration.memory import Memory

_COUNTED = """
    SELECT relid::regclass::text AS name, seq_scan, COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0) AS rows
    FROM pg_stat_xact_user_tables WHERE schemaname = current_schema()
"""


async def left_alone(memory: Memory, *tables: str) -> None:
    """Let PostgreSQL know of these tables only what a test lets it know (`know_the_sizes`): autovacuum passes by."""
    for table in tables:
        await memory.sql(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


async def know_the_sizes(memory: Memory, table: str) -> None:
    """PostgreSQL plans by what is in a table now."""
    await memory.sql(f"ANALYZE {table}")


async def plan_for_any_values(connection: Connection) -> None:
    """As it does for a statement that it has seen often."""
    await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")


@asynccontextmanager
async def rows_read(connection: Connection) -> AsyncIterator[Counter[str]]:
    """How many rows of each table are read meanwhile, once it is over; inside of one transaction."""
    async with _counted(connection, "rows") as rows:
        yield rows


@asynccontextmanager
async def scans(connection: Connection) -> AsyncIterator[Counter[str]]:
    """How often each table is read from end to end meanwhile, once it is over; inside of one transaction."""
    async with _counted(connection, "seq_scan") as number:
        yield number


@asynccontextmanager
async def _counted(connection: Connection, what: str) -> AsyncIterator[Counter[str]]:
    """PostgreSQL counts on from earlier transactions of a connection until it has passed its counts on, once a second
    at most: what counts is the difference."""
    before = await _counts(connection, what)
    counted: Counter[str] = Counter()
    yield counted
    counted += await _counts(connection, what) - before


async def _counts(connection: Connection, what: str) -> Counter[str]:
    return Counter({row["name"]: row[what] for row in await connection.fetch(_COUNTED)})
