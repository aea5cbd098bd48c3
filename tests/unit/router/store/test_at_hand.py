"""Connections at hand: who gets one without asking the pool, and which of them go back to it."""

import asyncio
from typing import Any

import pytest
from asyncpg import InterfaceError

from router.store.at_hand import MOST, AtHand

SOON_S = 5.0


class Connection:
    """`end` is None while it is open, else what asking whether it is closed comes to."""

    end: bool | Exception | None = None

    def is_closed(self) -> bool:
        if isinstance(self.end, Exception):
            raise self.end
        return bool(self.end)


class Pool:
    """As many connections as `size`; the others wait."""

    def __init__(self, size: int) -> None:
        self._room = asyncio.Semaphore(size)
        self.asked = 0
        self.out: list[Connection] = []

    async def acquire(self, timeout: float) -> Connection:  # noqa: ASYNC109  as asyncpg has it
        self.asked += 1
        async with asyncio.timeout(timeout):
            await self._room.acquire()
        self.out.append(connection := Connection())
        return connection

    async def release(self, connection: Connection) -> None:
        self.out.remove(connection)
        self._room.release()

    async def close(self) -> None:
        assert not self.out, "the pool waits for ever for what is out"


async def use(at_hand: AtHand, *, broken: bool = False) -> Any:
    connection = await at_hand.take(SOON_S)
    await at_hand.put_back(connection, broken=broken)
    return connection


async def test_a_connection_is_used_again_without_asking_the_pool() -> None:
    pool = Pool(1)
    at_hand = AtHand(pool)
    assert await use(at_hand) is await use(at_hand)
    assert pool.asked == 1


async def test_two_callers_never_have_the_same_connection() -> None:
    at_hand = AtHand(Pool(2))
    await use(at_hand)
    assert await at_hand.take(SOON_S) is not await at_hand.take(SOON_S)


@pytest.mark.parametrize("end", [True, InterfaceError("released back to the pool")])
async def test_a_connection_that_the_server_has_ended_meanwhile_is_not_used_again(
    end: bool | Exception,
) -> None:
    at_hand = AtHand(pool := Pool(1))
    ended = await use(at_hand)
    ended.end = end
    assert await use(at_hand) is not ended
    assert ended not in pool.out


async def test_what_did_not_end_well_is_left_to_the_pool() -> None:
    at_hand = AtHand(pool := Pool(1))
    await use(at_hand, broken=True)
    assert not pool.out


async def test_who_waits_for_the_pool_gets_the_next_connection_that_is_free() -> None:
    at_hand = AtHand(Pool(1))
    used = await at_hand.take(SOON_S)
    waiting = asyncio.create_task(at_hand.take(SOON_S))
    await asyncio.sleep(0)
    await at_hand.put_back(used, broken=False)
    assert await asyncio.wait_for(waiting, SOON_S)


async def test_those_of_a_crowd_go_back_to_the_pool_and_all_of_them_at_the_end() -> None:
    at_hand = AtHand(pool := Pool(MOST + 2))
    crowd = [await at_hand.take(SOON_S) for _ in range(MOST + 2)]
    for connection in crowd:
        await at_hand.put_back(connection, broken=False)
    assert len(pool.out) == MOST
    await at_hand.close()
