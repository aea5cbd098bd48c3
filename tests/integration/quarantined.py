"""Quarantine as whoever is on duty handles it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from contracts.partner import SortieBoite
from ops.replay import orders as replay_orders
from ops.replay.job import correct
from ops.replay.orders import ask
from ops.tasks import deciding as tasks
from router.store import jobs, quarantine
from router.store.jobs import Filter
from tests.integration.messages import vacancy
from tests.integration.registry import FINESS
from tests.integration.waiting import until
from tests.integration.world import World

NOUVEAU_FINESS = "010000040"
"""A shelter that nobody in the registry speaks for, at first."""

BOITE = {"sortie": SortieBoite()}
"""The SIAO fetches its messages, where there are many."""


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


async def corrected(world: World, row: UUID, message: Any) -> UUID:
    """The new message that a human's corrected version of a refused one became."""
    hub, body = world.hub, json.dumps(message).encode()
    assert hub is not None
    return await correct(world.database, hub.intake, hub.registry, row, body, "test", "FINESS faux")


async def observed(world: World, row: UUID) -> str:
    """State of a row once its replay has been looked at."""
    async with world.database.transaction() as connection:
        await quarantine.observe(connection)
    (entry,) = [each for each in await world.quarantined() if each.id == row]
    return entry.etat


async def refused(world: World, count: int) -> None:
    """So many messages in quarantine that would be accepted by now."""
    for number in range(count):
        status, _ = await world.send("centre", vacancy(f"N-{number}", structure=NOUVEAU_FINESS))
        assert status == 422
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))


async def two_rows(world: World) -> bool:
    return await world.count("quarantine") == 2


async def entry(world: World) -> UUID:
    """The only one of the quarantine."""
    (only,) = await world.quarantined()
    return only.id


async def mended(world: World) -> None:
    """The registry knows the new shelter: what was refused would be accepted by now."""
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))


async def became(world: World, row: UUID) -> str:
    """The message that a replayed entry became."""
    (entry,) = [each for each in await world.quarantined() if each.id == row]
    assert entry.etat in ("rejouee", "resolue")
    return str(entry.replayed_as)


async def two_parked(world: World) -> bool:
    return len(await world.parked()) == 2


async def everything_decided(world: World) -> None:
    """Somebody closes all that is in quarantine, and all that was refused."""
    await replay_orders.close(world.database, Filter(), "test", "vu")
    for delivery in await world.deliveries():
        if delivery.etat == "refusee":
            await tasks.close(world.database, delivery.id, "test", "vu")
