"""A large file that is caught while somebody is reading it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from tests.integration.world import World

_ROWS_DONE = "SELECT rows_done FROM inbox WHERE id = $1 FOR UPDATE"


async def stopped_half_way(world: World, message: UUID | str) -> int:
    """Stop the hub once it has read a chunk of a file, with the file locked so that the next one is not written.

    Returns the rows that are done.
    """
    own = await world.connect()
    try:
        while True:
            async with own.transaction():
                if done := await own.fetchval(_ROWS_DONE, message):
                    await world.stop()
                    return int(done)
    finally:
        await own.close()


@asynccontextmanager
async def accepting_rows(world: World, message: UUID, rows: int) -> AsyncIterator[int]:
    """Another process is just accepting the first rows of a file: it commits at the end of the block. Yields the id
    of its PostgreSQL process."""
    other = await world.connect()
    try:
        async with other.transaction():
            await other.execute("UPDATE inbox SET rows_done = $2, accepted = $2 WHERE id = $1", message, rows)
            yield other.get_server_pid()
    finally:
        await other.close()
