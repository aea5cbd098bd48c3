"""Fixtures for all tests: one Kafka and one PostgreSQL for the whole run, started by the first test that asks for
them.

Each test has its own names in them. A test that uses none of these fixtures starts nothing. With several processes
(`-n`), all share both, which are then started before the processes; each process has a database of its own.
"""

import asyncio
import gc
import os
import secrets
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import chain, groupby
from typing import Any

import asyncpg
import pytest
from hypothesis import settings
from sqlalchemy.engine import make_url

from connectors.event_loop import Loop
from connectors.secrets import FOLDER_VARIABLE
from deploy.local import Parts, local_parts
from tests.topics import drop_all, lent_prefix

LONGEST = (
    "test_canary.py",
    "test_hostile.py",
    "test_the_log_of_a_bad_night.py",
    "test_who_watches_the_watcher.py",
    "test_console_in_a_browser.py",
    "test_desk_in_a_browser.py",
    "test_hostile_bodies.py",
    "test_a_generated_client.py",
    "test_without_kafka.py",
    "test_rest.py",
    "test_restore.py",
    "test_local_parts.py",
    "test_sftp_files_are_offered.py",
    "test_the_page_knows_its_age.py",
    "test_siao_in_a_browser.py",
    "test_console.py",
    "test_lines.py",
    "test_interleavings.py",
    "test_standby.py",
)
"""Modules with a test of ten seconds and more, the longest first. At the end of a run, a process would still be
busy with such a test while the others have nothing left to do."""
SHARED = pytest.StashKey[Parts]()
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
"""No test depends on how fast the machine is."""


class _HubsLoop(Loop):
    """The hub's event loop. Its `close` fails if a test has left a connection open."""

    def close(self) -> None:
        with warnings.catch_warnings(record=True) as left_open:  # uvloop would wait forever after an error
            warnings.simplefilter("always")
            super().close()
        assert not left_open, [str(each.message) for each in left_open]


class _Loops(asyncio.DefaultEventLoopPolicy):
    _loop_factory = _HubsLoop


asyncio.set_event_loop_policy(_Loops())


@contextmanager
def shared_parts() -> Iterator[Parts]:
    """Give Kafka and PostgreSQL for the whole run. Tests that kill a PostgreSQL use their own.

    A PostgreSQL started here never waits for the disk, and plans a statement once for each connection: most
    connections live shorter than the five plans that it would make first.
    """
    with local_parts() as started:
        if started.postgres:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                started.postgres.set(name, "off")
            started.postgres.set("plan_cache_mode", "force_generic_plan")
        yield started


def pytest_configure_node(node: Any) -> None:
    """Start the shared Kafka and PostgreSQL before the first process of pytest-xdist, and give their addresses to
    each process."""
    if SHARED not in node.config.stash:
        started = ExitStack()
        node.config.stash[SHARED] = started.enter_context(shared_parts())
        node.config.add_cleanup(started.close)
    shared = node.config.stash[SHARED]
    node.workerinput["parts"] = {"bootstrap": shared.bootstrap, "database_url": shared.database_url}


def pytest_collection(session: pytest.Session) -> None:
    """Turn off garbage collection during the collection of tests, which makes no garbage; it would take a quarter
    of the time."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Turn on garbage collection for the tests, as rare as in the hub, but exclude the half million objects that
    were collected."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)  # see router/process/interpreter.py
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests so that each process of a run (`-n`) begins with a share of the slow ones, and the `LONGEST`
    come first. The tests at the end are then short and easily distributed."""
    items.sort(key=lambda item: (*LONGEST, item.path.name).index(item.path.name))
    shares: list[list[pytest.Item]] = [
        [] for _ in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    ]
    for _, tests in groupby(items, lambda item: item.path):
        min(shares, key=len).extend(tests)
    items[:] = chain.from_iterable(shares)


@pytest.fixture(scope="session", autouse=True)
def secrets_of_partners(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let registry entries find their partners' secrets in any temporary folder of a test."""
    os.environ[FOLDER_VARIABLE] = str(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def parts(request: pytest.FixtureRequest) -> Iterator[Parts]:
    """Give Kafka and PostgreSQL: those that the environment names, or real ones that end with the run."""
    if shared := getattr(request.config, "workerinput", {}).get("parts"):
        with _own_database(Parts(**shared)) as own:
            yield own
    else:
        with shared_parts() as started:
            yield started


@contextmanager
def _own_database(shared: Parts) -> Iterator[Parts]:
    """Give the parts with a new database for this process, until the block ends.

    In a common one, tables that a test makes or renames would have PostgreSQL plan the statements of all processes
    again, and each notification would wake the listeners of all.
    """
    name = f"test_{secrets.token_hex(6)}"
    url = make_url(shared.database_url).set(database=name)
    _execute(shared.dsn, f"CREATE DATABASE {name}")
    yield replace(shared, database_url=url.render_as_string(hide_password=False))
    _execute(shared.dsn, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(dsn: str, statement: str) -> None:
    """Execute one statement, in a thread: the loop of an asynchronous fixture may be running."""

    async def executed() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor() as thread:
        thread.submit(asyncio.run, executed()).result()


@pytest.fixture(scope="session")
def free_prefixes(parts: Parts) -> Iterator[list[str]]:
    """Give the list of prefixes whose empty topics are free for a test. The topics are deleted at the end of the
    run."""
    free: list[str] = []
    yield free
    asyncio.run(drop_all(parts.bootstrap, free))


@pytest.fixture
async def prefix(parts: Parts, free_prefixes: list[str]) -> AsyncIterator[str]:
    """Give the prefix of this test's topic names."""
    async with lent_prefix(parts.bootstrap, free_prefixes) as name:
        yield name
