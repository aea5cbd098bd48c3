"""The worker's handler: no exception leaves it, and offsets are committed behind what is applied."""

import asyncio
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError
from structlog.testing import capture_logs

from router import workers
from router.domain.partners import Registry
from router.settings import KafkaSettings, WorkerSettings
from router.workers import Workers

MINE, ANOTHERS = TopicPartition("offre", 0), TopicPartition("offre", 1)


class Consumer:
    """Reads one partition, and hears what is committed."""

    def __init__(self, heard: list[Any]) -> None:
        self._heard = heard
        self.fails = False

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset({MINE})

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.fails:
            raise CommitFailedError
        self._heard.append(offsets)


def working_with(said: list[Any], monkeypatch: pytest.MonkeyPatch) -> Workers:
    async def believed(_: Any) -> list[Any]:
        for _turn in range(5):  # whoever does not wait for it is done before
            await asyncio.sleep(0)
        said.append("appliqué")
        return []

    monkeypatch.setattr(workers, "COMMIT_SECONDS", 0)
    monkeypatch.setattr(workers, "RETRY_SECONDS", 0)
    none: Any = None
    believer: Any = SimpleNamespace(believed=believed)
    return Workers(none, believer, none, Registry, KafkaSettings(), WorkerSettings())


async def handled(
    working: Workers, consumer: Consumer, records: Iterable[tuple[TopicPartition, int]]
) -> None:
    """A batch, to the commit of its offsets."""
    batch = tuple(SimpleNamespace(topic=p.topic, partition=p.partition, offset=at) for p, at in records)
    await working._handle(SimpleNamespace(raw_message=batch, consumer=consumer))
    assert working._committing is not None
    await working._committing


async def test_a_batch_that_a_fault_keeps_from_being_read_waits_and_is_committed_once_it_is_applied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[Any] = []

    def split(_: Any) -> tuple[list[Any], list[Any]]:
        if not said:
            said.append("échec")
            raise ZeroDivisionError
        return [], []

    monkeypatch.setattr(workers, "split", split)
    with capture_logs() as logged:
        await handled(working_with(said, monkeypatch), Consumer(said), [(MINE, 7)])
    assert said == ["échec", "appliqué", {MINE: 8}]
    assert "ZeroDivisionError" in logged[0]["reason"]


async def test_nothing_is_committed_for_another_reader_and_what_failed_is_with_what_comes_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[Any] = []
    monkeypatch.setattr(workers, "split", lambda _: ([], []))
    working, consumer = working_with(said, monkeypatch), Consumer(said)
    consumer.fails = True
    await handled(working, consumer, [(MINE, 1)])
    consumer.fails = False
    await handled(working, consumer, [(ANOTHERS, 4), (MINE, 2), (MINE, 3)])
    assert said == ["appliqué", "appliqué", {MINE: 4}]
