"""Two processes that dispatch to one partner of lots: one makes them, and the other takes over."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from ops.running.hub import Hub
from ops.running.process import run
from router.delivery import breaker
from router.delivery.lots import Lots
from router.domain.roles import Role
from tests.integration import lasting
from tests.integration.by_the_lot import lines_of, referred, takes_lots
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


@pytest_asyncio.fixture(loop_scope="module")
async def other(world: World) -> AsyncIterator[Hub]:
    """A second dispatcher beside the world's."""
    async with Hub(world.settings, (Role.DISPATCHER,)) as other:
        running = asyncio.create_task(run(other))
        yield other
        running.cancel()
        await asyncio.wait([running])


async def both_send_lots(world: World, other: Hub) -> None:
    await takes_lots(world, 2)
    assert world.hub is not None
    wanted = world.hub.registry
    await until(lambda: other.registry == wanted, "l'autre suit le registre")


async def test_two_processes_send_no_line_twice_and_none_in_two_lots(
    world: World, other: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = list[Any]()
    send = Lots.send

    async def noted(self: Any, *rest: Any) -> Any:
        by.append(self._database)
        return await send(self, *rest)

    monkeypatch.setattr(Lots, "send", noted)
    assert world.hub is not None
    for hub in (world.hub, other):  # no pause of a busy machine ends the lease of the lots
        monkeypatch.setattr(hub._leases, "seconds", 60.0)
    await both_send_lots(world, other)
    world.shelter.status = 503
    await referred(world, 1, 2, 3, 4, 5, 6)
    await until(lambda: world.shelter.attempts, "un lot est essayé")
    world.shelter.status = 204
    await until(lambda: len(world.shelter.messages) == 3, "trois lots arrivent")
    await world.settled()
    lines = [line for table in world.shelter.messages for line in lines_of(table)]
    assert len(lines) == len({*lines}) == 6
    assert len({*world.shelter.keys}) == 3
    assert len({*by}) == 1, "un seul processus les fait"


async def test_whoever_makes_the_lots_of_a_partner_that_is_away_is_the_one_that_tries_it(
    world: World, other: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.hub is not None
    monkeypatch.setattr(breaker, "FAILURES_TO_OPEN", 2)
    monkeypatch.setattr(breaker, "PROBE_MAX_SECONDS", 0.2)
    turn, failed = [world.hub.database], list[Any]()
    send = Lots.send

    async def are_ours(self: Any, partner: str) -> bool:
        return self._database is turn[0]

    async def noted(self: Any, *rest: Any) -> Any:
        results = await send(self, *rest)
        failed.append(self._database)
        return results

    monkeypatch.setattr(Lots, "are_ours", are_ours)
    monkeypatch.setattr(Lots, "send", noted)
    await both_send_lots(world, other)
    world.shelter.status = 503
    await referred(world, 1, 2)
    await until(lambda: failed.count(turn[0]) > breaker.FAILURES_TO_OPEN, "l'un le sait absent")
    turn[0] = other.database
    await until(
        lambda: failed.count(other.database) > breaker.FAILURES_TO_OPEN, "l'autre l'essaie à son tour"
    )
    world.shelter.status = 204
    await until(lambda: world.shelter.messages, "le lot arrive")
    await world.settled()
    assert await world.etats("centre") == ["livree"] * 2
