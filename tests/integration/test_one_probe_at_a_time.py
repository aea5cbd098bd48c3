"""A partner that is away is tried by one process at a time and by all in turn, also by one that it does not let in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from contracts.errors import Misconfigured
from ops.running.hub import Hub
from ops.running.process import run
from router.delivery import breaker, sending
from router.domain.roles import Role
from router.process.leases import Lease
from tests.integration import lasting
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


class TwoDispatchers:
    """Two processes for one partner that is away. Probes end when the test lets them."""

    def __init__(self, world: World, other: Hub) -> None:
        self.world, self.other = world, other
        self.by: list[object] = []
        """Whose database each probe was on."""
        self.refused: list[object] = []
        """Who asked whether it may probe, and may not."""
        self.under_way = self.most_at_once = 0
        self.may_end = asyncio.Event()
        self.locked_out = False
        """The other is not let in."""

    async def both_find_it_away(self) -> None:
        self.world.siao.status = 503
        with capture_logs() as logged:
            await self.world.send("centre", [vacancy(f"A-{n}") for n in range(60)])
            await until(lambda: outages(logged).count("sortie") == 2, "tous deux le savent absent")

    @asynccontextmanager
    async def probe(self, process: object) -> AsyncIterator[None]:
        self.by.append(process)
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            await self.may_end.wait()
            if self.locked_out and process is self.other.database:
                raise Misconfigured("HTTP 401")
            yield
        finally:
            self.under_way -= 1


@pytest_asyncio.fixture(loop_scope="module")
async def two_dispatchers(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TwoDispatchers]:
    attempt, take = sending.Sender._attempt, Lease.take
    async with Hub(world.settings, (Role.DISPATCHER,)) as other:
        both = TwoDispatchers(world, other)

        async def attempted(self: Any, outlet: Any, *rest: Any) -> Any:
            if not outlet.breaker.open:
                return await attempt(self, outlet, *rest)
            async with both.probe(self._database):
                return await attempt(self, outlet, *rest)

        async def taken(self: Any) -> Any:
            held = await take(self)
            if not held and self.name == "probe:siao-01":
                both.refused.append(self._database)
            return held

        monkeypatch.setattr(sending.Sender, "_attempt", attempted)
        monkeypatch.setattr(Lease, "take", taken)
        monkeypatch.setattr(breaker, "PROBE_FIRST_SECONDS", 0.1)
        monkeypatch.setattr(breaker, "PROBE_MAX_SECONDS", 0.2)
        monkeypatch.setattr(breaker, "MISCONFIGURED_SECONDS", 1.5)
        running = asyncio.create_task(run(other))
        yield both
        both.may_end.set()
        running.cancel()
        await asyncio.wait([running])


async def test_a_partner_that_is_away_is_probed_by_one_process_at_a_time_and_by_all_in_turn(
    two_dispatchers: TwoDispatchers,
) -> None:
    """One that alone is not let in keeps the partner from nobody."""
    world, probes = two_dispatchers.world, two_dispatchers
    await two_dispatchers.both_find_it_away()
    await until(lambda: probes.by, "l'un sonde")
    before = len(probes.refused)
    await until(lambda: len(probes.refused) > before, "l'autre n'en a pas le droit")
    assert len(probes.by) == 1
    probes.may_end.set()
    await until(lambda: len(set(probes.by)) == 2, "puis c'est le tour de l'autre")
    probes.locked_out, so_far = True, len(probes.by)
    await until(lambda: probes.other.database in probes.by[so_far:], "l'autre essaie, et n'entre pas")
    world.siao.status = 204
    await until(lambda: len(world.siao.messages) == 60, "le SIAO reçoit tout")
    assert probes.most_at_once == 1


def outages(logged: Sequence[Any]) -> list[str]:
    return [line["of"] for line in logged if line["event"] == "outage.started"]
