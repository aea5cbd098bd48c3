"""Offsets are committed behind what is applied: those of this reader alone, and the last before it leaves."""

import asyncio
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from router.applying.offsets import Offsets

MINE, ANOTHERS = TopicPartition("offre", 0), TopicPartition("offre", 1)


class Consumer:
    """Reads one partition, and hears what is committed."""

    def __init__(self) -> None:
        self.heard: list[Mapping[TopicPartition, int]] = []
        self.fails = False
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset({MINE})

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.asked.set()
        await self.answers.wait()
        if self.fails:
            raise CommitFailedError
        self.heard.append(offsets)


def applied(offsets: Offsets, consumer: Any, records: Iterable[tuple[TopicPartition, int]]) -> None:
    told: Any = [SimpleNamespace(topic=p.topic, partition=p.partition, offset=at) for p, at in records]
    offsets.applied(consumer, told)


async def committed(offsets: Offsets) -> None:
    assert offsets._committing is not None
    await offsets._committing


async def test_nothing_is_committed_for_another_reader_and_what_failed_is_tried_again() -> None:
    offsets, consumer = Offsets(every_s=0), Consumer()
    consumer.fails = True
    applied(offsets, consumer, [(ANOTHERS, 4), (MINE, 1)])
    await consumer.asked.wait()
    consumer.fails = False
    await committed(offsets)
    assert consumer.heard == [{MINE: 2}]


async def test_a_reader_that_leaves_tries_a_failed_commit_no_more() -> None:
    offsets, consumer = Offsets(every_s=3600), Consumer()
    consumer.fails = True
    applied(offsets, consumer, [(MINE, 1)])
    async with offsets.ended():
        await committed(offsets)
    assert consumer.heard == []


async def test_what_comes_within_the_second_is_committed_together_and_at_once_by_who_leaves() -> None:
    offsets, consumer = Offsets(every_s=3600), Consumer()
    applied(offsets, consumer, [(MINE, 1)])
    applied(offsets, consumer, [(MINE, 2)])
    async with offsets.ended():
        assert consumer.heard == [{MINE: 3}]


async def test_a_commit_without_an_answer_is_given_up_once_the_group_is_left_and_not_before() -> None:
    offsets, consumer = Offsets(every_s=0), Consumer()
    consumer.answers.clear()
    applied(offsets, consumer, [(MINE, 1)])
    await consumer.asked.wait()
    committing = offsets._committing
    assert committing is not None
    async with offsets.ended():
        assert not committing.done()
    await asyncio.wait({committing})
    assert committing.cancelled()


async def test_what_is_applied_while_a_commit_is_under_way_is_committed_behind_it() -> None:
    offsets, consumer = Offsets(every_s=0), Consumer()
    consumer.answers.clear()
    applied(offsets, consumer, [(MINE, 1)])
    await consumer.asked.wait()
    applied(offsets, consumer, [(MINE, 2)])
    consumer.answers.set()
    await committed(offsets)
    assert consumer.heard == [{MINE: 2}, {MINE: 3}]
