"""A replay is a job: it can be paused and cancelled, its process may die, and nothing is done twice."""

import asyncio
from copy import copy
from itertools import count
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from contracts.partner import Limites
from ops.replay import job as job_module
from ops.replay.job import ACCEPTED, BACK_ON_THE_BUS, Replays
from ops.replay.orders import ask, change
from router.domain.roles import AT_WORK, Role
from router.process.leases import Lease
from router.process.wakeup import WakeUp
from router.store import jobs, quarantine
from router.store.database import Row
from simulation.hub_process import module
from tests.integration import accidents, lasting
from tests.integration.desk import environment_of
from tests.integration.forked import Forked
from tests.integration.messages import to_structure, vacancy
from tests.integration.quarantined import (
    NOUVEAU_FINESS,
    is_over,
    job_of,
    nobody_notes,
    progress,
    refused,
    replayed,
    two_rows,
)
from tests.integration.registry import FINESS
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

NEVER_DONE = 0.01
"""Entries a second of a job that replays one, and no second one before its test has ended."""


async def test_a_job_goes_on_where_it_was_after_a_pause_and_after_the_end_of_its_process(
    world: World,
) -> None:
    await refused(world, 6)
    request = jobs.Request(jobs.Filter(partner="centre"), "test", "essai du test", per_second=NEVER_DONE)
    job = await ask(world.database, request)
    await until(lambda: progress(world, job), "le rejeu avance")
    assert await change(world.database, job, jobs.PAUSED, "test")
    await world.stop()  # the entry in hand is noted
    paused = await progress(world, job)
    assert 1 <= paused < 6
    await world.sql("UPDATE replay_job SET par_seconde = 2")
    await world.start()
    assert await progress(world, job) == paused, "en pause, il n'avance pas"
    assert await change(world.database, job, jobs.WAITING, "test")

    async def goes_on() -> bool:
        return await progress(world, job) > paused

    await until(goes_on, "il reprend")
    await world.stop()
    await world.start()
    await until(lambda: is_over(world, job), "il finit")
    await until(lambda: len(world.siao.messages) == 6, "les six vacances arrivent")
    await world.settled()
    assert len(world.siao.messages) == 6
    assert await progress(world, job) == 6


async def test_a_job_whose_process_is_killed_between_what_it_does_and_what_it_notes_does_nothing_twice(
    prepared: World, tmp_path: Path
) -> None:
    await prepared.start(*(role for role in AT_WORK if role is not Role.SOURCES))
    await refused(prepared, 6)
    request = jobs.Request(jobs.Filter(partner="centre"), "test", "essai du test", per_second=20.0)
    job = await ask(prepared.database, request)
    process = Forked(tmp_path, tmp_path / "sources.log")
    command = [*module("ops.commands", environment_of(prepared.settings)), "run", "--role", "sources"]
    try:
        for _ in range(2):
            async with nobody_notes(prepared):
                process.spawn(command)
                await until(lambda: something_is_accepted(prepared), "une entrée est reprise")
                await until(prepared.blocked, "elle n'est pas encore notée")
                process.kill9()
            assert await progress(prepared, job) == 0
        process.spawn(command)
        await until(lambda: is_over(prepared, job), "il finit")
    finally:
        process.kill9()
    await until(lambda: len(prepared.siao.messages) == 6, "les six vacances arrivent")
    await prepared.settled()
    assert len(prepared.siao.messages) == 6
    assert await prepared.count("event") == 6
    assert await progress(prepared, job) == 6


async def something_is_accepted(world: World) -> bool:
    return "accepte" in {message.etat for message in await world.messages()}


async def test_a_job_for_a_sender_with_too_many_events_waits_and_stops_nobody(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_module, "THROTTLED_SECONDS", 0.05)
    await prepared.start(Role.GATEWAY, Role.SOURCES)
    await refused(prepared, 1)
    for number in range(3):
        await prepared.accepted("centre", vacancy(f"A-{number}"))
    few = {"limites": Limites(evenements_en_attente=2), "structures": (FINESS, NOUVEAU_FINESS)}
    await prepared.apply(prepared.registry(centre=few))
    assert prepared.hub is not None
    await prepared.hub.backlog.look()
    tried = count()
    replay = Replays._replay

    async def counted(self: Replays, job: Row, row: Row) -> tuple[str, UUID | None]:
        next(tried)
        return await replay(self, job, row)

    monkeypatch.setattr(Replays, "_replay", counted)
    job = await ask(prepared.database, jobs.Request(jobs.Filter(partner="centre"), "test", "essai du test"))
    await until(lambda: not prepared.alive or next(copy(tried)) > 1, "elle est essayée de nouveau")
    assert prepared.alive
    await prepared.stop()
    await prepared.start()
    await until(lambda: is_over(prepared, job), "il finit")
    assert ACCEPTED in (await job_of(prepared, job)).resultats


async def test_a_cancelled_job_takes_no_further_row(world: World) -> None:
    await refused(world, 5)
    request = jobs.Request(
        jobs.Filter(cause="structure_etrangere"), "test", "essai du test", per_second=NEVER_DONE
    )
    job = await ask(world.database, request)
    await until(lambda: progress(world, job), "le rejeu avance")
    assert await change(world.database, job, jobs.CANCELLED, "test")
    await world.stop()  # else it pauses for long, after an entry
    await world.start()
    done = await progress(world, job)
    assert await replayed(world, dry_run=True, partner="centre") == {ACCEPTED: 5 - done}
    assert not await change(world.database, job, jobs.WAITING, "test"), "annulé pour de bon"


async def test_what_a_job_has_brought_through_is_resolved_while_the_job_goes_on(world: World) -> None:
    await refused(world, 20)
    request = jobs.Request(jobs.Filter(partner="centre"), "test", "essai du test", per_second=0.3)
    job = await ask(world.database, request)
    await until(lambda: world.quarantined("resolue"), "la première entrée est résolue")
    assert (await job_of(world, job)).etat == jobs.RUNNING


async def test_a_column_that_a_later_version_adds_disturbs_nobody(prepared: World) -> None:
    async def everything_read() -> None:
        async with prepared.database.transaction() as connection:
            assert await jobs.current(connection)
            assert await jobs.show(connection)
            await quarantine.show(connection, uuid4())

    await ask(prepared.database, jobs.Request(jobs.Filter(), "test", "essai du test"))
    await everything_read()
    for table in ("replay_job", "quarantine"):
        await accidents.column_is_added(prepared, table)
    await everything_read()


class Frozen(Replays):
    """Stands still between what it read and what it writes, until it is thawed."""

    def __init__(self, world: World) -> None:
        lease = Lease(world.database, "gelé", uuid4(), 60.0)
        super().__init__(world.database, cast(Any, None), cast(Any, None), world.registry, WakeUp(), lease)
        self.reached, self.thawed = asyncio.Event(), asyncio.Event()

    async def _replay(self, job: Row, row: Row) -> tuple[str, UUID | None]:
        self.reached.set()
        await self.thawed.wait()
        return BACK_ON_THE_BUS, None


async def test_a_thawed_process_gives_no_token_back_to_an_event_that_its_successor_brought_through(
    world: World,
) -> None:
    """Last of all: its job leaves the hub asleep for long."""
    for number in (1, 2):
        await world.accepted("siao-01", to_structure(NOUVEAU_FINESS, number))
    await until(lambda: two_rows(world), "les deux événements sont en quarantaine")
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    await world.stop()
    request = jobs.Request(jobs.Filter(cause="Unroutable"), "test", "essai du test", per_second=NEVER_DONE)
    await ask(world.database, request)
    frozen = Frozen(world)
    step = asyncio.create_task(frozen._step())
    await until(frozen.reached.is_set, "le premier a lu")
    await world.start()
    await until(lambda: one_is_resolved(world), "le successeur rejoue la première")
    await world.settled()
    frozen.thawed.set()
    await step
    assert await world.backlog() == []


async def one_is_resolved(world: World) -> bool:
    """Whether an entry is seen to be resolved, which a slow job would only look for at its next row."""
    async with world.database.transaction() as connection:
        await quarantine.observe(connection)
    return bool(await world.quarantined("resolue"))
