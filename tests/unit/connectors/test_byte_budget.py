"""Bytes of bodies in memory: bounded for each and for all together, and released to whoever waits."""

import asyncio

import pytest

from connectors.byte_budget import SMALL_BYTES, ByteBudget, WithReserve


def test_one_has_at_most_its_share_and_all_together_at_most_the_whole() -> None:
    whole = ByteBudget(10)
    one, other = ByteBudget(6, within=whole), ByteBudget(6, within=whole)
    assert one.take(6)
    assert not one.take(1)
    assert not other.take(5)
    assert other.take(4)
    assert not whole.take(1)


def test_what_is_given_back_by_one_is_there_for_the_others_and_nothing_more() -> None:
    whole = ByteBudget(10)
    one, other = ByteBudget(10, within=whole), ByteBudget(10, within=whole)
    assert one.take(7)
    assert not other.take(4)
    one.release(7)
    assert other.take(10)
    assert not one.take(1)


async def waiting(budget: ByteBudget, size: int) -> "asyncio.Task[None]":
    """Somebody who waits for so many bytes."""
    task = asyncio.create_task(budget.wait_for(size))
    await asyncio.sleep(0)
    assert not task.done()
    return task


@pytest.mark.parametrize("giver", ["itself", "another"])
async def test_whoever_waits_has_its_room_once_enough_is_given_back_by_whomever(giver: str) -> None:
    whole = ByteBudget(10)
    one, other = ByteBudget(10, within=whole), ByteBudget(10, within=whole)
    holder = one if giver == "itself" else other
    assert holder.take(8)
    waiter = await waiting(one, 6)
    holder.release(3)
    await asyncio.sleep(0)
    assert not waiter.done()
    holder.release(1)
    await asyncio.wait_for(waiter, timeout=5)
    assert not whole.take(1)


async def test_whoever_wants_less_goes_before_one_who_waits_for_more() -> None:
    budget = ByteBudget(10)
    assert budget.take(8)
    waiter = await waiting(budget, 6)
    await asyncio.wait_for(budget.wait_for(2), timeout=5)
    budget.release(8)
    await asyncio.wait_for(waiter, timeout=5)


async def test_whoever_gives_up_waiting_holds_nothing() -> None:
    whole = ByteBudget(10)
    budget = ByteBudget(10, within=whole)
    assert budget.take(8)
    waiter = await waiting(budget, 6)
    waiter.cancel()
    await asyncio.wait([waiter])
    budget.release(8)
    assert budget.take(10)


async def test_large_messages_take_nothing_of_the_reserve_for_small_ones_nor_these_of_theirs() -> None:
    large, reserve = ByteBudget(2 * SMALL_BYTES), ByteBudget(SMALL_BYTES)
    one, other = WithReserve(2 * SMALL_BYTES, large, reserve), WithReserve(2 * SMALL_BYTES, large, reserve)
    await asyncio.wait_for(one.wait_for(SMALL_BYTES + 1), timeout=5)
    waits_for_large = await waiting(other, SMALL_BYTES + 1)
    await asyncio.wait_for(other.wait_for(SMALL_BYTES), timeout=5)
    waits_for_small = await waiting(one, 1)
    other.release(SMALL_BYTES)
    await asyncio.wait_for(waits_for_small, timeout=5)
    assert not waits_for_large.done()
    one.release(SMALL_BYTES + 1)
    await asyncio.wait_for(waits_for_large, timeout=5)
