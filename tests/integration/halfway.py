"""A large file that is caught while the hub is decoding it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from tests.integration.world import World

_ROWS_DONE = "SELECT rows_done FROM inbox WHERE id = $1 FOR UPDATE"


async def stopped_half_way(world: World, message: UUID | str) -> int:
    """Stop the hub once it has read a chunk of a file, with the file's row locked so that it cannot write the next
    one. Return the number of rows done."""
    own = await world.own()  # open already: a file of few chunks is soon at its end
    while True:
        async with own.transaction():
            if done := await own.fetchval(_ROWS_DONE, message):
                await world.stop()
                return int(done)


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
