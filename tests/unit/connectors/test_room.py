"""Room for bodies in memory: bounded for each and for all together, and given back to whoever waits."""

import asyncio

import pytest

from connectors.room import Room


def test_one_has_at_most_its_share_and_all_together_at_most_the_whole() -> None:
    whole = Room(10)
    one, other = Room(6, within=whole), Room(6, within=whole)
    assert one.take(6)
    assert not one.take(1)
    assert not other.take(5)
    assert other.take(4)
    assert not whole.take(1)


def test_what_is_given_back_by_one_is_there_for_the_others_and_nothing_more() -> None:
    whole = Room(10)
    one, other = Room(10, within=whole), Room(10, within=whole)
    assert one.take(7)
    assert not other.take(4)
    one.give_back(7)
    assert other.take(10)
    assert not one.take(1)


async def waiting(room: Room, size: int) -> "asyncio.Task[None]":
    """Somebody who waits for so much room."""
    task = asyncio.create_task(room.wait_for(size))
    await asyncio.sleep(0)
    assert not task.done()
    return task


@pytest.mark.parametrize("giver", ["itself", "another"])
async def test_whoever_waits_has_its_room_once_enough_is_given_back_by_whomever(giver: str) -> None:
    whole = Room(10)
    one, other = Room(10, within=whole), Room(10, within=whole)
    holder = one if giver == "itself" else other
    assert holder.take(8)
    waiter = await waiting(one, 6)
    holder.give_back(3)
    await asyncio.sleep(0)
    assert not waiter.done()
    holder.give_back(1)
    await asyncio.wait_for(waiter, timeout=5)
    assert not whole.take(1)


async def test_whoever_wants_less_goes_before_one_who_waits_for_more() -> None:
    room = Room(10)
    assert room.take(8)
    waiter = await waiting(room, 6)
    await asyncio.wait_for(room.wait_for(2), timeout=5)
    room.give_back(8)
    await asyncio.wait_for(waiter, timeout=5)


async def test_whoever_gives_up_waiting_holds_nothing() -> None:
    whole = Room(10)
    room = Room(10, within=whole)
    assert room.take(8)
    waiter = await waiting(room, 6)
    waiter.cancel()
    await asyncio.wait([waiter])
    room.give_back(8)
    assert room.take(10)
