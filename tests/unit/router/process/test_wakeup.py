"""Wake-ups: none is lost, and a crowd of them is one."""

import asyncio

import pytest

from router.process.wakeup import FOLLOWING_SECONDS, PACE_SECONDS, WakeUp

LONG_SECONDS = 30.0


async def test_a_wake_up_that_came_before_the_wait_is_not_lost() -> None:
    wake = WakeUp()
    wake.set()
    await asyncio.wait_for(wake.wait(LONG_SECONDS), timeout=5)


async def test_a_wake_up_during_a_round_brings_another_round() -> None:
    wake = WakeUp()
    wake.set()
    await wake.wait(LONG_SECONDS)
    wake.set()
    await asyncio.wait_for(wake.wait(LONG_SECONDS), timeout=5)


async def test_without_a_wake_up_the_wait_ends_after_the_longest() -> None:
    await asyncio.wait_for(WakeUp().wait(0.01), timeout=5)


@pytest.mark.parametrize("pace_s", [PACE_SECONDS, FOLLOWING_SECONDS])
async def test_rounds_never_follow_each_other_sooner_than_the_pace(pace_s: float) -> None:
    wake, loop = WakeUp(pace_s), asyncio.get_running_loop()
    wake.set()
    await wake.wait(LONG_SECONDS)
    begun = loop.time()
    for _ in range(3):
        wake.set()
        await wake.wait(LONG_SECONDS)
    assert loop.time() - begun >= 3 * pace_s * 0.99


async def test_wake_ups_that_are_no_crowd_wait_for_no_pace() -> None:
    wake = WakeUp(LONG_SECONDS, crowd_s=0)
    for _ in range(2):
        wake.set()
        await asyncio.wait_for(wake.wait(LONG_SECONDS), timeout=5)


async def test_a_crowd_of_wake_ups_brings_one_round() -> None:
    wake = WakeUp()
    for _ in range(100):
        wake.set()
    await wake.wait(LONG_SECONDS)
    waiting = asyncio.create_task(wake.wait(LONG_SECONDS))
    await asyncio.sleep(2 * PACE_SECONDS)
    assert not waiting.done()
    waiting.cancel()


async def test_the_clock_sets_it_once_for_each_moment_whatever_else_does() -> None:
    wake = WakeUp()
    wake.within(0.02)
    wake.within(0.06)
    wake.set()
    assert [await wake.wait(LONG_SECONDS) for _ in range(3)] == [True, True, True]
    assert not await wake.wait(0.01)
