"""A hub on real Kafka and PostgreSQL, in this process, with a SIAO and shelters as real HTTP servers."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from deploy.local import Parts
from deploy.local.ports import reserved_ports
from deploy.local.postgres import PostgresServer, local_postgres
from ops.duplicates import watch as duplicates
from router.domain.roles import AT_WORK, Role
from router.privacy.audit_keys import write_public
from router.process import heartbeat
from router.settings import (
    DatabaseSettings,
    DispatcherSettings,
    HealthSettings,
    HttpSettings,
    KafkaSettings,
    Settings,
)
from simulation.identity import identity_provider
from tests.conformance.droppers import SftpDropper
from tests.conformance.rest_partner import RestDropper
from tests.integration import visitors
from tests.integration.migrated import drop_all, give_back
from tests.integration.receiver import Receiver
from tests.integration.waiting import until
from tests.integration.world import World, opened


@pytest.fixture(autouse=True)
def beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the heartbeat finds is found while a test waits for it, and households that may be one too."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.5)
    monkeypatch.setattr(duplicates, "TICK_SECONDS", 0.5)


@pytest.fixture
async def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RestDropper]:
    """The software of a SIAO that has an API of its own."""
    monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "mot-de-passe")
    api = RestDropper(tmp_path)
    await api.start()
    yield api
    await api.stop()


@pytest.fixture
def ports() -> Iterator[list[int]]:
    """The hub's door, the SIAO's server, the shelter's server."""
    with reserved_ports(3) as free:
        yield free


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A database server of this test's own, to be stopped, backed up or lost."""
    with local_postgres() as started:
        yield started


def pinned(folder: Path) -> Path:
    """The public key of the audit, as somebody carried it here."""
    file = folder / "audit.pub"
    write_public(file, Ed25519PrivateKey.from_private_bytes(bytes.fromhex("22" * 32)))
    return file


@pytest.fixture(scope="session")
def tables(parts: Parts) -> Iterator[None]:
    """Tables go from test to test, and end with the run."""
    yield
    asyncio.run(drop_all(parts.dsn))


@pytest.fixture
async def schema(parts: Parts, tables: None) -> AsyncIterator[str]:
    """The name of this test's own database schema; it and its schema of keys are gone afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    yield name
    await give_back(parts.dsn, name)


@pytest.fixture
def settings(parts: Parts, schema: str, prefix: str, ports: list[int], tmp_path: Path) -> Settings:
    """Those of production, but for a back-off and leases that a test can wait for, and for few connections: all duties
    begin at once, and to open a connection for each costs more than a short test does with it."""
    return Settings(
        master_key=SecretStr("11" * 32),
        hmac_key=SecretStr("33" * 32),
        erasures_file=tmp_path / "effacements.jsonl",
        audit_key=SecretStr("22" * 32),
        audit_heads_file=tmp_path / "audit-tetes.jsonl",
        receipt_key=SecretStr("44" * 32),
        audit_stamps_file=tmp_path / "audit-horodatages.jsonl",
        audit_public_key_file=pinned(tmp_path),
        database=DatabaseSettings(url=parts.database_url, schema_name=schema, pool_size=6),
        kafka=KafkaSettings(bootstrap=parts.bootstrap, prefix=f"{prefix}siao"),
        http=HttpSettings(port=ports[0]),
        health=HealthSettings(port=0),
        dispatcher=DispatcherSettings(backoff_first_s=0.1, backoff_max_s=1.0),
        lease_s=3.0,
    )


@pytest.fixture
async def siao(ports: list[int]) -> AsyncIterator[Receiver]:
    """The SIAO's server."""
    async with Receiver(ports[1]).running() as receiver:
        yield receiver


@pytest.fixture
async def shelter(ports: list[int]) -> AsyncIterator[Receiver]:
    """The server of the shelter `centre`."""
    async with Receiver(ports[2]).running() as receiver:
        yield receiver


@pytest.fixture
async def prepared(
    settings: Settings, siao: Receiver, shelter: Receiver, tmp_path: Path
) -> AsyncIterator[World]:
    """Tables and registry are there; the hub is not started."""
    async with opened(World(settings, siao, shelter, tmp_path)) as world:
        yield world


@pytest.fixture
async def world(prepared: World) -> World:
    """A running hub and its partners."""
    await prepared.start()
    return prepared


@pytest.fixture
async def door(prepared: World) -> World:
    """A hub that is only its front door: what it accepts is kept, and goes nowhere."""
    await prepared.start(Role.GATEWAY)
    return prepared


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An identity provider that knows the visitors of the console."""
    folder = tmp_path_factory.mktemp("identite")
    with reserved_ports(1) as (port,), identity_provider(folder, port, visitors.PEOPLE) as address:
        yield address


@pytest.fixture
async def console(prepared: World, issuer: str, tmp_path: Path) -> AsyncIterator[World]:
    """A running hub with its console."""
    with reserved_ports(1) as (port,):
        section = visitors.console_settings(port, issuer, tmp_path)
        prepared.settings = prepared.settings.model_copy(update={"console": section})
        await prepared.start(*AT_WORK, Role.CONSOLE)
        await until(lambda: visitors.is_open(section), "la console est ouverte")
        yield prepared


@pytest.fixture
async def dropper(tmp_path: Path) -> AsyncIterator[SftpDropper]:
    """The shelter's folder."""
    dropper = SftpDropper(tmp_path)
    await dropper.start()
    yield dropper
    await dropper.stop()


@pytest.fixture
async def neighbour(tmp_path: Path) -> AsyncIterator[SftpDropper]:
    """The folder of the shelter with a mailbox."""
    (tmp_path / "voisin").mkdir()
    dropper = SftpDropper(tmp_path / "voisin")
    await dropper.start()
    yield dropper
    await dropper.stop()
