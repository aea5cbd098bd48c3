"""Fixtures of the connector tests: clocks, topics, and the event loops on which they run."""

import asyncio
import secrets
from time import monotonic

import pytest

from .droppers import SftpDropper
from .kafka_partner import Topic


def pytest_asyncio_loop_factories(item):
    """Return the event loop on which a test runs, by name: the hub's, or Python's own if the test moves its clock."""
    moves_it = "clock" in item.fixturenames
    return {"asyncio": asyncio.SelectorEventLoop} if moves_it else {"uvloop": asyncio.new_event_loop}


@pytest.fixture
def own_topic(request):
    """Return a function that names a new topic for this test, on the shared Kafka. Calling it starts that Kafka if
    need be."""

    def on_the_shared_broker() -> Topic:
        return Topic(request.getfixturevalue("parts").bootstrap, f"test-{secrets.token_hex(6)}.partenaire")

    return on_the_shared_broker


@pytest.fixture
async def dropper(tmp_path):
    dropper = SftpDropper(tmp_path)
    await dropper.start()
    yield dropper
    await dropper.stop()


class Clock:
    """The clock of a test's event loop. It runs with real time, and a test can move it forward."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def time(self) -> float:
        return monotonic() + self._ahead

    def passes(self, seconds: float) -> None:
        self._ahead += seconds


@pytest.fixture
async def clock(monkeypatch):
    """Give the test's event loop a clock that the test can move forward, so that no test waits for a time-out and a
    slow machine reaches none."""
    clock = Clock()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", clock.time)
    return clock
