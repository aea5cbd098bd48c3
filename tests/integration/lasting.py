"""One hub for all tests of a module. It is emptied between two tests, because starting another one takes longer
than most tests.

A module takes its fixtures from here (`pytestmark = lasting.MARK`, `world = lasting.world`). If a test leaves more
behind than rows of tables, the next one gets a new hub.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import MappingProxyType

import pytest
import pytest_asyncio
from pydantic import BaseModel

from deploy.local import Parts
from deploy.local.ports import reserved_ports
from ops.running.hub import Hub
from router.domain.roles import AT_WORK, Role
from router.settings import Settings
from router.settings.lines import postgres_dsn
from tests.conformance.droppers import SftpDropper
from tests.conformance.rest_partner import RestDropper
from tests.integration import beside, visitors
from tests.integration.lent import lent_schema, of_a_test
from tests.integration.migrated import empty
from tests.integration.receiver import Receiver
from tests.integration.waiting import POLL_SECONDS, until
from tests.integration.world import World, opened
from tests.topics import lent_prefix, without_heads

MARK = pytest.mark.asyncio(loop_scope="module")
"""Marker that runs all tests of a module in one event loop, because the shared hub lives in it."""
OF_THE_HUB = ("alembic_version", "partner", "origin", "lease", "heartbeat", "wrapping_key", "hmac_key")
"""Tables in which a hub at rest has rows: its identity and its partners. They are not emptied."""
MOVING = tuple(role for role in AT_WORK if role is not Role.SCHEDULER)
"""Roles that move messages. A scheduler is left out: it inspects everything when it starts, which takes longer than
a short test, and remembers its notices."""
ON_THE_BUS = {Role.RELAY, Role.WORKER}
"""Roles that write records to Kafka, or commit what they have read: a hub after them would read the records of an
earlier test."""
NOBODY = frozenset[Role]()
"""The empty set of roles, for a hub that is not started."""
NOTHING: Mapping[str, BaseModel] = MappingProxyType({})
"""No sections of settings."""
REST_SECONDS = 2.0
"""Seconds that work under way may take to end before its hub is replaced."""
_EMPTIED = """
    DO $$ DECLARE it record; BEGIN
        PERFORM set_config('session_replication_role', 'replica', true);
        FOR it IN SELECT oid::regclass AS name FROM pg_class
                  WHERE relkind = 'r' AND pg_relation_size(oid) > 0 AND relname NOT IN (KEPT)
                        AND relnamespace::regnamespace::text IN ('SCHEMA', 'SCHEMA_cles')
        LOOP EXECUTE format('DELETE FROM %s', it.name); END LOOP;
    END $$
"""
"""SQL that empties the tables as a replica, so that neither the audit's triggers nor foreign keys forbid it."""


@dataclass
class _Lent:
    """A hub that is passed on from test to test, and the resources that keep it running."""

    world: World
    settings: Settings
    roles: frozenset[Role]
    held: AsyncExitStack


class Lasting:
    """The hubs of a module, one for each set of roles."""

    def __init__(self, parts: Parts, prefixes: list[str], folder: Path) -> None:
        self._parts, self._prefixes, self._folder = parts, prefixes, folder
        self._lent: dict[frozenset[Role], _Lent] = {}
        self._numbers = count()

    async def running(
        self, *roles: Role, issuer: str = "", sections: Mapping[str, BaseModel] = NOTHING
    ) -> World:
        """Return a running hub with these roles and empty tables. Its console uses the identity provider `issuer`.
        If a hub is started, `sections` replaces sections of its settings."""
        lent = self._lent.pop(frozenset(roles), None)
        if lent is not None and not await _as_it_began(lent):
            await lent.held.aclose()
            lent = None
        if lent is None:
            lent = await self._begun(roles, issuer, sections)
        self._lent[lent.roles] = lent
        return lent.world

    @asynccontextmanager
    async def alone(self, *roles: Role, issuer: str) -> AsyncIterator[World]:
        """Give a running hub that no other test gets."""
        lent = await self._begun(roles, issuer)
        async with lent.held:
            yield lent.world

    async def _begun(
        self, roles: Sequence[Role], issuer: str, sections: Mapping[str, BaseModel] = NOTHING
    ) -> _Lent:
        async with AsyncExitStack() as stack:
            world = await stack.enter_async_context(self.prepared())
            if issuer:
                (port,) = stack.enter_context(reserved_ports(1))
                sections = {"console": visitors.console_settings(port, issuer, world.secret.parent)}
            world.settings = world.settings.model_copy(update=sections)
            await world.start(*roles)
            if Role.CONSOLE in roles:
                await until(lambda: visitors.is_open(world.settings.console), "la console est ouverte")
            return _Lent(world, world.settings, frozenset(roles), stack.pop_all())

    @asynccontextmanager
    async def at_rest(self) -> AsyncIterator[World]:
        """Give a hub that is not started. If the block starts it, it ends with the block."""
        lent = self._lent.pop(NOBODY, None)
        if lent is not None and not await _is_blank(lent.world):
            await lent.held.aclose()
            lent = None
        if lent is None:
            async with AsyncExitStack() as stack:
                world = await stack.enter_async_context(self.prepared())
                lent = _Lent(world, world.settings, NOBODY, stack.pop_all())
        try:
            yield lent.world
        finally:
            await lent.world.stop()
            if lent.world.worked & ON_THE_BUS or lent.world.settings is not lent.settings:
                await lent.held.aclose()
            else:
                lent.world.hub, self._lent[NOBODY] = None, lent

    @asynccontextmanager
    async def prepared(self) -> AsyncIterator[World]:
        """Give a new hub that is not started, with partners and tables of its own."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir()
        with reserved_ports(3) as (door, siao, shelter):
            async with (
                lent_schema(self._parts) as schema,
                lent_prefix(self._parts.bootstrap, self._prefixes) as prefix,
                Receiver(siao).running() as first,
                Receiver(shelter).running() as second,
            ):
                settings = of_a_test(self._parts, schema, prefix, door, folder)
                async with opened(World(settings, first, second, folder, MOVING)) as world:
                    yield world

    async def close(self) -> None:
        """End all hubs."""
        while self._lent:
            await self._lent.popitem()[1].held.aclose()


async def _is_blank(world: World) -> bool:
    """Empty tables that no hub has worked on. Return False if they must be replaced."""
    database = world.settings.database
    if world.database.replaced or world.database.went_back:
        return False
    await _forget(world)
    if not await empty(await world.own(), postgres_dsn(database), database.schema_name):
        return False
    await world.write_registry(world.registry())
    await _forget(world)
    return True


async def _as_it_began(lent: _Lent) -> bool:
    """Empty a running hub. Return False if it must be replaced: it was stopped or set up differently, or has work under
    way that does not end."""
    world, hub = lent.world, lent.world.hub
    if hub is None or not world.alive or world.settings is not lent.settings or hub.roles != lent.roles:
        return False
    if hub.limited or hub.database.replaced or hub.database.went_back:
        return False
    await _forget(world)
    _retire_outlets(hub)
    if Role.WORKER in lent.roles and not await _comes_to_rest(world):
        return False
    _retire_outlets(hub)
    kept = ", ".join(f"'{name}'" for name in OF_THE_HUB)
    await world.sql(_EMPTIED.replace("SCHEMA", world.settings.database.schema_name).replace("KEPT", kept))
    await world.apply(world.registry())
    hub.crosswalk.forget_cached()
    await hub.backlog.look()
    await _forget(world)
    return True


def _retire_outlets(hub: Hub) -> None:
    """Let the hub begin anew with each partner: an outlet remembers how its partner failed and how much it took."""
    if hub.dispatcher is not None:
        for outlet in [*hub.dispatcher.outlets]:
            hub.dispatcher.outlets.retire(outlet.partner.id)


async def _comes_to_rest(world: World) -> bool:
    """Return whether the work under way ends within REST_SECONDS."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + REST_SECONDS
    while not await world.at_rest():
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


async def _forget(world: World) -> None:
    """Reset what lies outside the tables: partners, records on Kafka, files."""
    world.siao.forget()
    world.shelter.forget()
    world.bus.forget()
    settings = world.settings
    if settings.audit_heads_file.exists():
        await without_heads(settings.kafka)
    for file in (settings.erasures_file, settings.audit_heads_file, settings.audit_stamps_file):
        file.unlink(missing_ok=True)


@pytest_asyncio.fixture(loop_scope="module")
async def world(lasting: Lasting) -> World:
    """Give a running hub with its partners."""
    return await lasting.running(*MOVING)


@pytest_asyncio.fixture(loop_scope="module")
async def door(lasting: Lasting) -> World:
    """Give a hub that runs the gateway only, so that accepted messages go no further."""
    return await lasting.running(Role.GATEWAY)


@pytest_asyncio.fixture(loop_scope="module")
async def console(lasting: Lasting, issuer: str) -> World:
    """Give a running hub with its console."""
    return await lasting.running(*MOVING, Role.CONSOLE, issuer=issuer)


@pytest_asyncio.fixture(loop_scope="module")
async def prepared(lasting: Lasting) -> AsyncIterator[World]:
    """Give a hub with tables and registry that is not started yet. If the test starts it, it ends with the test."""
    async with lasting.at_rest() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="module")
async def pages(lasting: Lasting, issuer: str) -> World:
    """Give a hub that runs the console only, so that nothing moves behind its pages."""
    return await lasting.running(Role.CONSOLE, issuer=issuer)


@pytest_asyncio.fixture(loop_scope="module")
async def dropper(tmp_path: Path) -> AsyncIterator[SftpDropper]:
    """Give the SFTP folder of the shelter `centre`."""
    async with beside.partner(SftpDropper(tmp_path)) as dropper:
        yield dropper


@pytest_asyncio.fixture(loop_scope="module")
async def neighbour(tmp_path: Path) -> AsyncIterator[SftpDropper]:
    """Give the SFTP folder of the shelter that otherwise has a mailbox."""
    (tmp_path / "voisin").mkdir()
    async with beside.partner(SftpDropper(tmp_path / "voisin")) as dropper:
        yield dropper


@pytest_asyncio.fixture(loop_scope="module")
async def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RestDropper]:
    """Give the software of a SIAO with an API of its own."""
    monkeypatch.setenv("SIAO_SECRET_MOT_DE_PASSE", "mot-de-passe")
    async with beside.partner(RestDropper(tmp_path)) as api:
        yield api
