"""One broker and one database for the whole run, started by the first test that asks.

Each test has names of its own in them. A test that takes none of these fixtures starts nothing. Where the run has
several processes (`-n`), they share both, which are there before the first of them.
"""

import asyncio
import gc
import os
import selectors
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from typing import Any

import pytest
from hypothesis import settings

from connectors.secrets import FOLDER_VARIABLE
from deploy.local import Parts, local_parts
from tests.topics import drop_all, lent_prefix

UNIT = "tests/unit/"
SHARED = pytest.StashKey[Parts]()
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
"""No test depends on how fast the machine is."""


class _TakesLeave(asyncio.SelectorEventLoop):
    """Ends once the connections that it was told to close are closed. Behind TLS both sides take their leave first,
    and asyncpg and aiokafka do not wait for it. A connection that nobody closed still fails its test."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        super().__init__(self.selector)

    def close(self) -> None:
        deadline = time.monotonic() + 5
        while len(self.selector.get_map() or ()) > 1 and time.monotonic() < deadline:  # one is the loop's own
            self.run_until_complete(asyncio.sleep(0.01))
        if not self.is_closed():  # a transport that has left the selector closes its socket in the next round
            self.run_until_complete(asyncio.sleep(0))
        super().close()


class _Loops(asyncio.DefaultEventLoopPolicy):
    _loop_factory = _TakesLeave


asyncio.set_event_loop_policy(_Loops())


@contextmanager
def shared_parts() -> Iterator[Parts]:
    """Both, for the whole run. A database of ours never waits for the disk: who ends one has one of their own."""
    with local_parts() as started:
        if started.postgres:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                started.postgres.set(name, "off")
        yield started


def pytest_configure_node(node: Any) -> None:
    """Called by pytest-xdist where it runs the tests from, before each of its processes."""
    if SHARED not in node.config.stash:
        started = ExitStack()
        node.config.stash[SHARED] = started.enter_context(shared_parts())
        node.config.add_cleanup(started.close)
    shared = node.config.stash[SHARED]
    node.workerinput["parts"] = {"bootstrap": shared.bootstrap, "database_url": shared.database_url}


def pytest_collection(session: pytest.Session) -> None:
    """Nothing that is collected is ever garbage: to look for some takes a quarter of a collection."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Garbage is looked for in what the tests make, not in half a million objects that were collected."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each process of a run (`-n`) gets a part of the tests that wait for others, and begins with it: what is left at
    the end is short, and shared out quickly."""
    quick, waiting = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        (quick if item.nodeid.startswith(UNIT) else waiting).append(item)
    shares: list[list[pytest.Item]] = [
        [] for _ in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    ]
    for _, tests in groupby(waiting, lambda item: item.path):
        min(shares, key=len).extend(tests)
    size = len(items) // len(shares)
    items[:] = []
    for share in shares:
        room = max(0, size - len(share))
        items += share + quick[:room]
        quick = quick[room:]
    items += quick


@pytest.fixture(scope="session", autouse=True)
def secrets_of_partners(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Entries find the secrets of their partners wherever a test has put them."""
    os.environ[FOLDER_VARIABLE] = str(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def parts(request: pytest.FixtureRequest) -> Iterator[Parts]:
    """Kafka and PostgreSQL: those of the environment, else real ones that end with the run."""
    if shared := getattr(request.config, "workerinput", {}).get("parts"):
        yield Parts(**shared)
    else:
        with shared_parts() as started:
            yield started


@pytest.fixture(scope="session")
def free_prefixes(parts: Parts) -> Iterator[list[str]]:
    """Prefixes whose topics wait, empty, for a test; they end with the run."""
    free: list[str] = []
    yield free
    asyncio.run(drop_all(parts.bootstrap, free))


@pytest.fixture
async def prefix(parts: Parts, free_prefixes: list[str]) -> AsyncIterator[str]:
    """The beginning of the names of this test's topics."""
    async with lent_prefix(parts.bootstrap, free_prefixes) as name:
        yield name
