"""A large file whose reading is stopped between two of its chunks."""

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
