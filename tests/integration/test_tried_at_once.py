"""A partner is back, and its next try is ten minutes away: whoever is on duty does not wait for it."""

from datetime import timedelta

import pytest_asyncio

from ops.tasks import deciding as tasks
from router.settings import DispatcherSettings
from tests.integration import lasting
from tests.integration.desk import siao_hub
from tests.integration.lasting import MOVING, Lasting
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
PATIENT = DispatcherSettings(backoff_first_s=600.0, backoff_max_s=600.0)


@pytest_asyncio.fixture(loop_scope="module")
async def world(lasting: Lasting) -> World:
    """Give a running hub that waits ten minutes after a failure."""
    return await lasting.running(*MOVING, sections={"dispatcher": PATIENT})


async def test_it_is_tried_at_once_when_somebody_says_so_and_nothing_is_sent_twice(world: World) -> None:
    world.siao.status = 500
    await world.accepted("centre", vacancy())

    async def rests() -> bool:
        return any(lane.due_in > timedelta(minutes=5) for lane in await world.lanes())

    await until(rests, "la voie attend dix minutes")
    world.siao.status = 204
    tried = await siao_hub(world.settings, "deliveries", "try", "--partner", "siao-01")
    assert "1 voie" in tried
    await until(lambda: world.siao.messages, "la vacance arrive")
    await world.settled()
    assert len(world.siao.messages) == 1


async def test_a_lane_that_is_being_sent_is_left_alone(world: World) -> None:
    world.siao.silent = True
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "l'envoi est en cours")
    (before,) = await world.lanes()
    assert await tasks.try_now(world.database, "siao-01", "cli:astreinte") == 0
    (after,) = await world.lanes()
    assert (after.token, after.due_in > timedelta(0)) == (before.token, True)
    world.siao.speak()
    await world.settled()
    assert len(world.siao.messages) == 1
