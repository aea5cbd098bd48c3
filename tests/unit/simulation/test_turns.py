"""Answers come late, swapped or again as a manner says; without one they leave at once."""

import asyncio
from random import Random

import pytest

from simulation import turns
from simulation.moods import Mood
from simulation.turns import Turns


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(turns, "LATE_SECONDS", (0.05, 0.05))
    monkeypatch.setattr(turns, "AGAIN_SECONDS", (0.05, 0.05))
    monkeypatch.setattr(turns, "HELD_SECONDS", 0.1)


async def sent(manner, *names):
    """The order in which these are sent, when all want to leave at once."""
    found: list[str] = []
    own = Turns(Random(1))

    async def send(name):
        async with own.turn(manner):
            found.append(name)

    async with asyncio.TaskGroup() as tasks:
        for name in names:
            tasks.create_task(send(name))
    return found


async def test_without_a_manner_everything_leaves_in_its_turn():
    assert await sent(None, "a", "b", "c") == ["a", "b", "c"]


async def test_swapped_answers_overtake_each_other_in_pairs():
    assert await sent(Mood.SWAPPED, "a", "b", "c", "d") == ["b", "d", "a", "c"]


async def test_one_that_nobody_overtakes_leaves_after_a_while():
    assert await sent(Mood.SWAPPED, "a") == ["a"]


async def test_a_late_answer_waits():
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await sent(Mood.LATE, "a")
    assert round(loop.time() - begun, 3) >= 0.05  # the loop counts milliseconds


async def test_what_is_to_come_again_later_comes_once_or_is_dropped_at_the_end():
    own, came = Turns(Random(1)), []

    async def again():
        came.append(1)

    own.later(again)
    async with asyncio.timeout(5):
        while not came:  # noqa: ASYNC110  the simulation tells nobody
            await asyncio.sleep(0.01)
    own.later(again)
    await own.close()
    assert came == [1]


def test_only_who_sends_twice_sends_twice():
    assert [turns.times(manner) for manner in (None, Mood.LATE, Mood.TWICE)] == [1, 1, 2]
