"""A lease has one holder at a time, and a token that grows with each change."""

import asyncio
from uuid import uuid4

from router.leases import Lease, Round
from router.wakeup import WakeUp
from tests.integration import beside, clock
from tests.integration.waiting import until
from tests.integration.world import World

LONG_SECONDS, SHORT_SECONDS = 3600.0, 0.2
RENEWED_SECONDS = 3.0


def lease(world: World, seconds: float = LONG_SECONDS) -> Lease:
    """The same lease, wanted by somebody else each time."""
    return Lease(world.database, "essai", uuid4(), seconds)


async def test_a_lease_has_one_holder_at_a_time(prepared: World) -> None:
    one, another = lease(prepared), lease(prepared)
    held = await one.take()
    assert held is not None
    assert one.holds()
    assert await another.take() is None
    assert not another.holds()
    renewed = await one.take()
    assert renewed is not None
    assert (renewed.fencing_token, renewed.fresh) == (held.fencing_token, False)


async def test_of_many_who_ask_at_once_one_gets_it(prepared: World) -> None:
    answers = await asyncio.gather(*(lease(prepared).take() for _ in range(8)))
    assert sum(held is not None for held in answers) == 1


async def test_a_lease_that_ran_out_is_unbroken_unless_another_had_it_since(prepared: World) -> None:
    one, another = lease(prepared, SHORT_SECONDS), lease(prepared, SHORT_SECONDS)
    held = await one.take()
    assert held is not None
    await until(lambda: not one.holds(), "son temps est écoulé")
    assert await one.unbroken(held)
    await until(another.take, "l'autre le prend")
    await until(one.take, "et le perd")
    assert not await one.unbroken(held)


async def test_a_lease_that_ran_out_goes_to_another_with_a_greater_token_and_the_first_learns_of_it(
    prepared: World,
) -> None:
    one, another = lease(prepared), lease(prepared)
    first = await one.take()
    await clock.leases_run_out(prepared)
    second = await another.take()
    assert first is not None
    assert second is not None
    assert second.fencing_token > first.fencing_token
    assert second.fresh
    assert await one.take() is None
    assert not one.holds()


async def test_a_holder_gives_up_by_its_own_clock_before_anybody_else_may_take_over(prepared: World) -> None:
    short = lease(prepared, seconds=0.3)
    assert await short.take() is not None
    another = lease(prepared)
    await until(another.take, "l'autre le prend à son tour")
    assert not short.holds()


async def test_a_lease_given_back_is_taken_at_once(prepared: World) -> None:
    one, another = lease(prepared), lease(prepared)
    working = asyncio.Event()

    async def work() -> None:
        async for _ in one.rounds(WakeUp(), LONG_SECONDS):
            working.set()

    task = asyncio.create_task(work())
    await working.wait()
    assert await another.take() is None
    task.cancel()
    await asyncio.wait([task])
    assert await another.take() is not None


async def test_a_holder_that_is_stopped_in_the_middle_of_its_work_gives_its_lease_back_too(
    prepared: World,
) -> None:
    one, another = lease(prepared), lease(prepared)
    working = asyncio.Event()

    async def work() -> None:
        async for _ in one.rounds(WakeUp(), LONG_SECONDS):
            working.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await working.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await until(another.take, "l'autre le prend à son tour")


async def test_a_hub_that_is_stopped_leaves_no_lease_behind(world: World) -> None:
    await world.known_place()
    await world.stop()
    assert await world.leased() == []


async def test_a_holder_with_nothing_to_do_for_long_renews_its_lease_before_it_ends(prepared: World) -> None:
    one, rounds = lease(prepared, RENEWED_SECONDS), list[Round]()

    async def rest() -> None:
        async for round_ in one.rounds(WakeUp(), LONG_SECONDS):
            rounds.append(round_)

    async with beside.work(rest()):
        await until(lambda: len(rounds) == 2, "il revient sans qu'on le réveille")
    assert [round_.fresh for round_ in rounds] == [True, False]
