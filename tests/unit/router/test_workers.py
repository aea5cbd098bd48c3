"""The worker's handler: no exception leaves it, for the next acknowledgement would skip the batch."""

from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from router import workers
from router.domain.partners import Registry
from router.settings import KafkaSettings, WorkerSettings
from router.workers import Workers


async def test_a_batch_that_a_fault_keeps_from_being_read_waits_and_is_acknowledged_once_it_is_applied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []

    def split(_: Any) -> tuple[list[Any], list[Any]]:
        if not said:
            said.append("échec")
            raise ZeroDivisionError
        return [], []

    async def believed(_: Any) -> list[Any]:
        said.append("appliqué")
        return []

    async def ack() -> None:
        said.append("acquitté")

    monkeypatch.setattr(workers, "split", split)
    monkeypatch.setattr(workers, "RETRY_SECONDS", 0)
    none: Any = None
    believer: Any = SimpleNamespace(believed=believed)
    working = Workers(none, believer, none, Registry, KafkaSettings(), WorkerSettings())
    with capture_logs() as logged:
        await working._handle(SimpleNamespace(raw_message=(), ack=ack))
    assert said == ["échec", "appliqué", "acquitté"]
    assert "ZeroDivisionError" in logged[0]["reason"]
