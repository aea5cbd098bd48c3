"""Fixtures of the integration tests: a hub on real Kafka and PostgreSQL, in this process, with a SIAO and shelters
as real HTTP servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from console import visit
from deploy.local import Parts
from deploy.local.ports import reserved_ports
from deploy.local.postgres import PostgresServer, local_postgres
from ops.desk import speaking
from ops.duplicates import watch as duplicates
from ops.sandbox import playing
from ops.status import vitals
from router.applying import workers
from router.delivery import breaker, dispatcher
from router.domain.roles import Role
from router.intake import sources
from router.process import heartbeat, topics_admin
from router.settings import Settings
from router.store import database
from simulation.identity import identity_provider
from tests.conformance.droppers import SftpDropper
from tests.conformance.rest_partner import RestDropper
from tests.integration import beside, visitors
from tests.integration.lasting import Lasting
from tests.integration.lent import lent_schema, of_a_test
from tests.integration.migrated import drop_all
from tests.integration.receiver import Receiver
from tests.integration.waiting import until
from tests.integration.world import World, opened

PAUSES = (
    (heartbeat, "BEAT_SECONDS", 0.5),
    (duplicates, "TICK_SECONDS", 0.5),
    (sources, "RESCAN_SECONDS", 0.1),
    (sources, "DECODING_LOOK_SECONDS", 0.1),
    (dispatcher, "LOTS_SECONDS", 0.05),
    (breaker, "PROBE_FIRST_SECONDS", 0.2),
    (breaker, "PROBE_MAX_SECONDS", 5.0),
    (workers, "RETRY_SECONDS", 0.2),
    (visit, "PER_SECOND", 1e6),
    (speaking, "APPLIED_WITHIN_SECONDS", 60.0),
    (playing, "APPLIED_WITHIN_SECONDS", 60.0),
    (database, "FROZEN_SECONDS", 300),
    (database, "PROBE_SECONDS", 60.0),
    (topics_admin, "PROBE_SECONDS", 60.0),
    (vitals, "ANSWER_SECONDS", 60.0),
    (vitals, "THEN_SECONDS", 60.0),
)
"""Pauses of the hub between two looks or attempts, the pages that it shows a visitor each second, and its patience with
what a busy machine may do late: module, constant, and its value in these tests, which would only wait for the first,
and read pages faster than people."""


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the `PAUSES` of the hub."""
    for module, name, seconds in PAUSES:
        monkeypatch.setattr(module, name, seconds)


@pytest.fixture
async def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RestDropper]:
    """Give the software of a SIAO with an API of its own."""
    monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "mot-de-passe")
    async with beside.partner(RestDropper(tmp_path)) as api:
        yield api


@pytest.fixture
def ports() -> Iterator[list[int]]:
    """Give three ports: for the hub's gateway, the SIAO's server and the shelter's server."""
    with reserved_ports(3) as free:
        yield free


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """Give a PostgreSQL of this test's own, which may be stopped, backed up or deleted."""
    with local_postgres() as started:
        yield started


@pytest.fixture(scope="session")
def tables(parts: Parts) -> Iterator[None]:
    """Drop the tables that tests pass on to each other, at the end of the run."""
    yield
    asyncio.run(drop_all(parts.dsn))


@pytest.fixture
async def schema(parts: Parts, tables: None) -> AsyncIterator[str]:
    """Give the name of this test's own database schema."""
    async with lent_schema(parts) as name:
        yield name


@pytest.fixture
def settings(parts: Parts, schema: str, prefix: str, ports: list[int], tmp_path: Path) -> Settings:
    return of_a_test(parts, schema, prefix, ports[0], tmp_path)


@pytest.fixture
async def siao(ports: list[int]) -> AsyncIterator[Receiver]:
    """Give the SIAO's server."""
    async with Receiver(ports[1]).running() as receiver:
        yield receiver


@pytest.fixture
async def shelter(ports: list[int]) -> AsyncIterator[Receiver]:
    """Give the server of the shelter `centre`."""
    async with Receiver(ports[2]).running() as receiver:
        yield receiver


@pytest.fixture
async def prepared(
    settings: Settings, siao: Receiver, shelter: Receiver, tmp_path: Path
) -> AsyncIterator[World]:
    """Give a hub with tables and registry that is not started yet."""
    async with opened(World(settings, siao, shelter, tmp_path)) as world:
        yield world


@pytest.fixture
async def world(prepared: World) -> World:
    """Give a running hub with its partners."""
    await prepared.start()
    return prepared


@pytest.fixture
async def door(prepared: World) -> World:
    """Give a hub that runs the gateway only, so that accepted messages go no further."""
    await prepared.start(Role.GATEWAY)
    return prepared


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of an identity provider that knows the console's visitors."""
    folder = tmp_path_factory.mktemp("identite")
    with reserved_ports(1) as (port,), identity_provider(folder, port, visitors.PEOPLE) as address:
        yield address


@pytest.fixture
async def console(prepared: World, issuer: str, tmp_path: Path) -> AsyncIterator[World]:
    """Give a running hub with its console."""
    with reserved_ports(1) as (port,):
        section = visitors.console_settings(port, issuer, tmp_path)
        prepared.settings = prepared.settings.model_copy(update={"console": section})
        await prepared.start(*prepared.roles, Role.CONSOLE)
        await until(lambda: visitors.is_open(section), "la console est ouverte")
        yield prepared


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lasting(
    parts: Parts, tables: None, free_prefixes: list[str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Lasting]:
    """Give the hubs of a module whose tests share them."""
    hubs = Lasting(parts, free_prefixes, tmp_path_factory.mktemp("durable"))
    yield hubs
    await hubs.close()


@pytest.fixture
async def dropper(tmp_path: Path) -> AsyncIterator[SftpDropper]:
    """Give the SFTP folder of the shelter `centre`."""
    async with beside.partner(SftpDropper(tmp_path)) as dropper:
        yield dropper


@pytest.fixture
async def neighbour(tmp_path: Path) -> AsyncIterator[SftpDropper]:
    """Give the SFTP folder of the shelter that otherwise has a mailbox."""
    (tmp_path / "voisin").mkdir()
    async with beside.partner(SftpDropper(tmp_path / "voisin")) as dropper:
        yield dropper
