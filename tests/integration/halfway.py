"""A large file that is caught while the hub is decoding it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from tests.integration.waiting import until
from tests.integration.world import World

_HOLD = """
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext(TG_TABLE_SCHEMA)); RETURN NEW; END';
    CREATE TRIGGER hold BEFORE UPDATE OF rows_done ON inbox
        FOR EACH ROW WHEN (OLD.rows_done > 0) EXECUTE FUNCTION hold();
    SELECT pg_advisory_lock(hashtext('SCHEMA'))
"""
_LET_GO = "SELECT pg_advisory_unlock(hashtext('SCHEMA')); DROP TRIGGER hold ON inbox; DROP FUNCTION hold()"


@asynccontextmanager
async def held_after_a_chunk(world: World) -> AsyncIterator[None]:
    """Let the hub write the first chunk of each large file. In PostgreSQL, the second one waits until the block
    ends."""
    own, schema = await world.own(), world.settings.database.schema_name
    await own.execute(_HOLD.replace("SCHEMA", schema))
    try:
        yield
    finally:
        await own.execute(_LET_GO.replace("SCHEMA", schema))


async def stopped_half_way(world: World, message: UUID | str) -> int:
    """Stop the hub once it has written the first chunk of a file, which `held_after_a_chunk` lets be the only one.
    Return the number of rows done."""

    async def written() -> int:
        return (await world.message(message)).rows_done

    await until(written, "le premier morceau est écrit")
    await world.stop()
    return await written()


@asynccontextmanager
async def accepting_rows(world: World, message: UUID, rows: int) -> AsyncIterator[int]:
    """Accept the first rows of a file as another process; commit when the block ends. Gives the id of the
    PostgreSQL process."""
    other = await world.connect()
    try:
        async with other.transaction():
            await other.execute("UPDATE inbox SET rows_done = $2, accepted = $2 WHERE id = $1", message, rows)
            yield other.get_server_pid()
    finally:
        await other.close()
