"""The worker's handler: no exception leaves it, and what is applied is told once it is."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from router.applying import workers
from router.applying.workers import Workers
from router.domain.partners import Registry
from router.settings import KafkaSettings, WorkerSettings


def working_with(said: list[Any], monkeypatch: pytest.MonkeyPatch) -> Workers:
    async def believed(_: Any, _partitions: Any) -> tuple[list[Any], list[Any]]:
        if not said:
            said.append("échec")
            raise ZeroDivisionError
        for _turn in range(5):  # whoever does not wait for it is done before
            await asyncio.sleep(0)
        said.append("appliqué")
        return [], []

    monkeypatch.setattr(workers, "RETRY_SECONDS", 0)
    none: Any = None
    believer: Any = SimpleNamespace(believed=believed)
    working = Workers(none, believer, none, Registry, KafkaSettings(), WorkerSettings())
    offsets: Any = SimpleNamespace(applied=lambda _, records: said.append(records))
    monkeypatch.setattr(working, "_offsets", offsets)
    return working


async def test_a_batch_that_a_fault_keeps_from_being_read_waits_and_is_told_once_it_is_applied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[Any] = []
    batch = (SimpleNamespace(topic="offre"),)
    consumer = SimpleNamespace(partitions_for_topic=lambda _: {0})
    with capture_logs() as logged:
        await working_with(said, monkeypatch)._handle(SimpleNamespace(raw_message=batch, consumer=consumer))
    assert said == ["échec", "appliqué", batch]
    assert "ZeroDivisionError" in logged[0]["reason"]
