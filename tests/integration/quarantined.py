"""Quarantine as whoever is on duty handles it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from router.ops.replay import ask
from router.store import jobs
from tests.integration.waiting import until
from tests.integration.world import World


async def job_of(world: World, job: UUID) -> Any:
    async with world.database.transaction() as connection:
        (row,) = await jobs.show(connection, job)
    return row


async def replayed(world: World, *, dry_run: bool = False, **what: Any) -> dict[str, int]:
    """What came of `siao-hub quarantine replay`, by outcome, once the job has gone through its rows."""
    job = await ask(world.database, jobs.Request(jobs.Filter(**what), "test", "essai du test", dry_run))

    async def done() -> Any:
        row = await job_of(world, job)
        return row.etat == jobs.DONE and row

    return dict((await until(done, "le rejeu est terminé")).resultats)


async def progress(world: World, job: UUID) -> int:
    """Entries that a job has gone through."""
    return int((await job_of(world, job)).faites)


async def is_over(world: World, job: UUID) -> bool:
    return bool((await job_of(world, job)).etat == jobs.DONE)


@asynccontextmanager
async def nobody_notes(world: World) -> AsyncIterator[None]:
    """Until the end of the block, nobody can write of any entry what became of it."""
    connection = await world.connect()
    try:
        async with connection.transaction():
            await connection.fetch("SELECT 1 FROM quarantine FOR UPDATE")
            yield
    finally:
        await connection.close()
