"""The quarantine, as the person on duty handles it."""

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
"""A shelter that no partner in the registry manages at first."""

BOITE = {"sortie": SortieBoite()}
"""Fields that give the SIAO a mailbox, for tests with many messages."""


async def job_of(world: World, job: UUID) -> Any:
    async with world.database.transaction() as connection:
        (row,) = await jobs.show(connection, job)
    return row


async def replayed(world: World, *, dry_run: bool = False, **what: Any) -> dict[str, int]:
    """Run `siao-hub quarantine replay` until the job is done; return the number of entries by outcome."""
    job = await ask(world.database, jobs.Request(jobs.Filter(**what), "test", "essai du test", dry_run))

    async def done() -> Any:
        row = await job_of(world, job)
        return row.etat == jobs.DONE and row

    return dict((await until(done, "le rejeu est terminé")).resultats)


async def progress(world: World, job: UUID) -> int:
    """Return the number of entries that a replay job has done."""
    return int((await job_of(world, job)).faites)


async def is_over(world: World, job: UUID) -> bool:
    return bool((await job_of(world, job)).etat == jobs.DONE)


@asynccontextmanager
async def nobody_notes(world: World) -> AsyncIterator[None]:
    """Lock all entries of the quarantine until the block ends, so that nobody can record an outcome."""
    connection = await world.connect()
    try:
        async with connection.transaction():
            await connection.fetch("SELECT 1 FROM quarantine FOR UPDATE")
            yield
    finally:
        await connection.close()


async def corrected(world: World, row: UUID, message: Any) -> UUID:
    """Replace a refused message by a corrected one; return the id of the new message."""
    hub, body = world.hub, json.dumps(message).encode()
    assert hub is not None
    return await correct(world.database, hub.intake, hub.registry, row, body, "test", "FINESS faux")


async def observed(world: World, row: UUID) -> str:
    """Record what became of a replayed entry, and return its state."""
    async with world.database.transaction() as connection:
        await quarantine.observe(connection)
    (entry,) = [each for each in await world.quarantined() if each.id == row]
    return entry.etat


async def refused(world: World, count: int) -> None:
    """Put `count` messages into quarantine that the hub would accept by now."""
    for number in range(count):
        status, _ = await world.send("centre", vacancy(f"N-{number}", structure=NOUVEAU_FINESS))
        assert status == 422
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))


async def two_rows(world: World) -> bool:
    return await world.count("quarantine") == 2


async def entry(world: World) -> UUID:
    """Return the id of the only entry in quarantine."""
    (only,) = await world.quarantined()
    return only.id


async def mended(world: World) -> None:
    """Add the new shelter to the registry, so that the refused messages would be accepted by now."""
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))


async def became(world: World, row: UUID) -> str:
    """Return the id of the message that a replayed entry became. Fails if it was not replayed."""
    (entry,) = [each for each in await world.quarantined() if each.id == row]
    assert entry.etat in ("rejouee", "resolue")
    return str(entry.replayed_as)


async def two_parked(world: World) -> bool:
    return len(await world.parked()) == 2


async def everything_decided(world: World) -> None:
    """Close all entries of the quarantine and all refused deliveries."""
    await replay_orders.close(world.database, Filter(), "test", "vu")
    for delivery in await world.deliveries():
        if delivery.etat == "refusee":
            await tasks.close(world.database, delivery.id, "test", "vu")
