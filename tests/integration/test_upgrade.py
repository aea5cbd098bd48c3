"""A migration while the version before it is at work: it goes on, and the next version takes over beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from router.hub import Hub
from router.roles import Role
from router.settings import Settings
from router.store import registry as registry_store
from router.store.migrations import upgrade
from tests.integration.messages import vacancy
from tests.integration.receiver import Receiver
from tests.integration.waiting import until
from tests.integration.world import World

BEFORE = "0001"
AS_BEFORE = (Role.GATEWAY, Role.RELAY, Role.WORKER, Role.DISPATCHER)
"""Roles whose statements are those of the version before."""


@pytest.fixture
async def of_before(
    settings: Settings, siao: Receiver, shelter: Receiver, tmp_path: Path
) -> AsyncIterator[World]:
    """A hub at work on the tables of the version before."""
    world = World(settings, siao, shelter, tmp_path)
    try:
        await asyncio.to_thread(upgrade, settings.database, BEFORE)
        await registry_store.apply(world.database, world.registry(), "test")
        await world.start(*AS_BEFORE)
        yield world
    finally:
        await world.close()


async def test_while_the_tables_are_migrated_under_load_nothing_is_lost_doubled_or_stopped(
    of_before: World,
) -> None:
    world, sent, over = of_before, 0, asyncio.Event()

    async def sender() -> None:
        nonlocal sent
        while not over.is_set():
            status, _ = await world.send("centre", vacancy(f"A-{sent}"), f"cle-{sent}")
            sent += status == 202

    sending = asyncio.create_task(sender())
    await until(lambda: len(world.siao.messages) > 20, "la version d'avant est au travail")
    await asyncio.to_thread(upgrade, world.settings.database)
    migrated = sent
    await until(lambda: sent > migrated + 20, "elle accepte encore")

    beside = world.settings.model_copy(update={"http": world.settings.http.model_copy(update={"port": 0})})
    async with Hub(beside) as hub:
        running = asyncio.create_task(hub.run([role for role in Role if role is not Role.GATEWAY]))
        both = sent
        await until(lambda: sent > both + 50, "les deux versions travaillent ensemble")
        over.set()
        await sending
        await world.settled()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert world.alive
    assert len(world.siao.messages) == len(set(world.siao.keys)) == sent
    assert await world.count("quarantine") == 0
