"""The folder of a partner, and the event loops on which connections are tried."""

import asyncio
import secrets
from time import monotonic

import pytest

from connectors.event_loop import Loop

from .droppers import SftpDropper
from .kafka_partner import Topic

HERE, OF_THE_HUB = {"asyncio": asyncio.new_event_loop}, {"uvloop": Loop}
TO_THE_SOCKET = ("test_hostile_connections.py", "test_http_in.py", "test_tls.py")
"""Tests that speak to the hub's own server: on the loop that it runs, too."""
OF_THE_LOOP = ("test_names.py",)
"""Tests of that loop itself."""


def pytest_asyncio_loop_factories(item):
    """The loops on which a test runs, each by its name."""
    if item.path.name in OF_THE_LOOP:
        return OF_THE_HUB
    return {**HERE, **OF_THE_HUB} if item.path.name in TO_THE_SOCKET else HERE


@pytest.fixture
def own_topic(request):
    """Makes a topic of this test alone, on the broker that all tests share: it is started by who asks."""

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
    """The time of a test's loop, which passes by itself and, for what waits for too long, at once."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def time(self) -> float:
        return monotonic() + self._ahead

    def passes(self, seconds: float) -> None:
        self._ahead += seconds


@pytest.fixture
async def clock(monkeypatch):
    """No test waits for a time-out, and a slow machine meets none by itself: time passes once the other side has what
    it will not answer."""
    clock = Clock()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", clock.time)
    return clock
