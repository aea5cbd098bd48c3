"""What a statement costs PostgreSQL."""

from router.store.database import Connection
from tests.integration.memory import Memory


async def know_the_sizes(memory: Memory, table: str) -> None:
    """PostgreSQL plans by what is in a table now."""
    await memory.sql(f"ANALYZE {table}")


async def plan_for_any_values(connection: Connection) -> None:
    """As it does for a statement that it has seen often."""
    await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")


async def rows_read(connection: Connection, table: str) -> int:
    """Rows of a table that this transaction has read so far."""
    query = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = $1::regclass"
    return int(await connection.fetchval(query, table))


async def scans(connection: Connection, table: str) -> int:
    """How often this transaction has read a table from end to end."""
    query = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = $1::regclass"
    return int(await connection.fetchval(query, table))
