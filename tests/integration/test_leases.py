"""A lease has one holder at a time, and a token that grows with each change."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import pairwise
from uuid import uuid4

import pytest

from contracts.unknown_keys import UnknownKeys
from router.process.leases import STANDBY_SECONDS, Lease, Leases
from router.process.wakeup import WakeUp
from router.store import heartbeat
from router.store.heartbeat import Beat, Process
from tests.integration import beside, clock, lasting
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

LONG_SECONDS, SHORT_SECONDS = 3600.0, 0.2


def lease(world: World, seconds: float = LONG_SECONDS, name: str = "essai") -> Lease:
    """The same lease, wanted by somebody else each time."""
    return Lease(world.database, name, uuid4(), seconds)


async def test_a_lease_has_one_holder_at_a_time(prepared: World) -> None:
    one, another = lease(prepared), lease(prepared)
    assert await one.take()
    assert one.holds()
    assert not await another.take()
    assert not another.holds()
    before, one.is_fresh = one.fencing_token, False  # as after a round of work
    assert await one.take()
    assert (one.fencing_token, one.is_fresh) == (before, False)


async def test_of_many_who_ask_at_once_one_gets_it(prepared: World) -> None:
    answers = await asyncio.gather(*(lease(prepared).take() for _ in range(8)))
    assert sum(answers) == 1


async def test_a_lease_that_ran_out_is_unbroken_unless_another_had_it_since(prepared: World) -> None:
    one, another = lease(prepared, SHORT_SECONDS), lease(prepared, SHORT_SECONDS)
    assert await one.take()
    since = one.fencing_token
    await until(lambda: not one.holds(), "son temps est écoulé")
    assert await one.unbroken(since)
    await until(another.take, "l'autre le prend")
    await until(one.take, "et le perd")
    assert not await one.unbroken(since)


async def test_a_lease_that_ran_out_goes_to_another_with_a_greater_token_and_the_first_learns_of_it(
    prepared: World,
) -> None:
    one, another = lease(prepared), lease(prepared)
    assert await one.take()
    one.is_fresh = False  # as after a round of work
    await clock.leases_run_out(prepared)
    assert await another.take()
    assert another.fencing_token > one.fencing_token
    assert not await one.take()
    assert not one.holds()
    assert one.is_fresh


async def test_a_holder_gives_up_by_its_own_clock_before_anybody_else_may_take_over(prepared: World) -> None:
    short = lease(prepared, seconds=0.3)
    assert await short.take()
    another = lease(prepared)
    await until(another.take, "l'autre le prend à son tour")
    assert not short.holds()


async def test_a_beat_keeps_what_is_held_and_not_what_was_given_back_or_ran_out(prepared: World) -> None:
    holder = uuid4()
    leases = Leases(prepared.database, holder, LONG_SECONDS)
    _, given_back, _ = wanted = [leases.named(name) for name in ("tenu", "rendu", "fini")]
    for each in wanted:
        await each.take()
    names = leases.held()
    await clock.lease_runs_out(prepared, "fini")
    said = Beat(Process(holder, "ici", 1, "1", datetime.now(UTC)), [], UnknownKeys(), names, LONG_SECONDS, ())
    async with prepared.database.transaction() as connection:
        await given_back.release()  # after the beat has begun, by the clock of its transaction
        kept = (await heartbeat.beat(connection, said)).kept
    assert sorted(names) == ["fini", "rendu", "tenu"]
    assert kept == {"tenu"}
    leases.kept(names, time.monotonic())  # as if it had been asked before
    assert [each.holds() for each in wanted] == [True, False, True]
    assert await lease(prepared, name="rendu").take()
    assert await lease(prepared, name="fini").take()
    assert not await lease(prepared, name="tenu").take()


async def test_who_stands_by_asks_for_a_lease_no_oftener_however_often_it_is_woken_up(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, standby, asked, wake = lease(prepared), lease(prepared), list[float](), WakeUp(0.0)
    clock = asyncio.get_running_loop().time  # counts milliseconds
    assert await one.take()
    take = standby.take

    async def counted() -> bool:
        asked.append(clock())
        return await take()

    async def work() -> None:
        raise AssertionError

    monkeypatch.setattr(standby, "take", counted)
    async with beside.work(standby.work(wake, LONG_SECONDS, work)), beside.work(waking(wake)):
        await until(lambda: len(asked) > 2, "il redemande")
    assert min(round(later - before, 3) for before, later in pairwise(asked)) >= STANDBY_SECONDS


async def waking(wake: WakeUp) -> None:
    while True:
        wake.set()
        await asyncio.sleep(0.01)


async def test_a_lease_given_back_is_taken_at_once(prepared: World) -> None:
    one, another = lease(prepared), lease(prepared)
    working = asyncio.Event()

    async def work() -> None:
        async with one.rounds(WakeUp(), LONG_SECONDS) as rounds:
            async for _ in rounds:
                working.set()

    task = asyncio.create_task(work())
    await working.wait()
    assert not await another.take()
    task.cancel()
    await asyncio.wait([task])
    assert await another.take()


async def test_a_holder_that_is_stopped_in_the_middle_of_its_work_gives_its_lease_back_too(
    prepared: World,
) -> None:
    one, another = lease(prepared), lease(prepared)
    working = asyncio.Event()

    async def work() -> None:
        async with one.rounds(WakeUp(), LONG_SECONDS) as rounds:
            async for _ in rounds:
                working.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await working.wait()
    task.cancel()
    await asyncio.wait([task])
    assert await until(another.take, "l'autre le prend à son tour")


async def test_a_holder_whose_work_fails_has_given_its_lease_back_when_that_is_heard(prepared: World) -> None:
    one, another = lease(prepared), lease(prepared)

    async def fail() -> None:
        async with one.rounds(WakeUp(), LONG_SECONDS) as rounds:
            async for _ in rounds:
                raise ZeroDivisionError

    beside_us = asyncio.all_tasks()
    with pytest.raises(ZeroDivisionError):
        await fail()
    assert asyncio.all_tasks() <= beside_us, "rien ne le rend plus tard"
    assert await another.take()


async def test_a_lease_given_back_too_late_stays_with_who_took_it_since_in_the_same_process(
    prepared: World,
) -> None:
    holder = uuid4()
    before, since = (Lease(prepared.database, "essai", holder, LONG_SECONDS) for _ in range(2))
    await before.take()
    await since.take()
    await before.release()
    assert not await lease(prepared).take()
    await since.release()
    assert await lease(prepared).take()


async def test_a_hub_that_is_stopped_leaves_no_lease_behind(world: World) -> None:
    await world.known_place()
    await world.stop()
    assert await world.leased() == []


async def test_a_holder_with_nothing_to_do_for_long_keeps_its_lease_and_does_nothing(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.process.leases.ASKED_AFTER", 1 / LONG_SECONDS)
    one, done = lease(prepared), list[int]()

    async def rest() -> None:
        async with one.rounds(WakeUp(), LONG_SECONDS) as rounds:
            async for _ in rounds:
                done.append(one.fencing_token)

    async with beside.work(rest()):
        since = await until(lambda: done and done[0], "il travaille une fois")
        ends = one._until
        await until(lambda: one._until > ends, "il renouvelle son bail sans qu'on le réveille")
        assert await one.unbroken(since)
    assert done == [since]
