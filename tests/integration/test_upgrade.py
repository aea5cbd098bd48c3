"""What an upgrade rests on: tables on which the version before goes on, and processes that relieve each other.

Both versions are today's code here. `make mise-a-jour` takes the version before out of the history and really runs it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from contracts.v1 import CONTRATS
from contracts.v1.place import PlaceOccupee
from deploy.local import Parts
from ops.running.hub import Hub
from ops.running.process import run
from router.delivery import rendering
from router.domain.roles import AT_WORK, Role
from router.settings import DatabaseSettings, Settings
from router.store import migrations
from router.store.migrations import upgrade
from tests.integration import beside
from tests.integration.lasting import MOVING
from tests.integration.messages import vacancy
from tests.integration.tables import Column, Tables, columns_of
from tests.integration.waiting import until
from tests.integration.world import World

VERSIONS = Path(migrations.__file__).parent / "versions"
ALWAYS_SAID = {
    "0037": {"idempotency_key.expires_at", "deadline.started_at", "deadline.due_at", "lease.until"}
}
"""Columns that a migration demands because every version has written them."""
BEHIND_THE_DOOR = [role for role in AT_WORK if role is not Role.GATEWAY]


async def test_no_migration_takes_a_column_from_the_version_before_or_demands_one_that_it_does_not_write(
    parts: Parts, schema: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = DatabaseSettings(url=parts.database_url, schema_name=schema)
    versions = sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))
    next_version, tables = migrations._next_version, list[Tables]()

    def noted(connection: Connection, *rest: Any) -> bool:
        migrated = next_version(connection, *rest)
        tables.extend([columns_of(connection, settings)] if migrated else [])
        return migrated

    monkeypatch.setattr(migrations, "_next_version", noted)
    await asyncio.to_thread(upgrade, settings)
    for version, (before, after) in zip(versions[1:], pairwise(tables), strict=True):
        in_its_way = in_the_way(before, after) - ALWAYS_SAID.get(version, set())
        assert {version: sorted(in_its_way)} == {version: []}


def in_the_way(before: Tables, after: Tables) -> set[str]:
    """Columns of known tables by which a statement of the version before would fail."""
    gone_or_changed = {
        f"{table}.{name}"
        for table, columns in before.items()
        for name, column in columns.items()
        if after.get(table, {}).get(name) not in (column, Column(column.type, demanded=False))
    }
    new = {
        f"{table}.{name}"
        for table, columns in before.items()
        for name, column in after.get(table, {}).items()
        if name not in columns and column.demanded
    }
    return gone_or_changed | new


@asynccontextmanager
async def process(settings: Settings) -> AsyncIterator[None]:
    """Every role but the door; asked to stop on leaving, as by SIGTERM."""
    async with Hub(settings, BEHIND_THE_DOOR) as hub, beside.work(run(hub)):
        yield


async def test_a_process_that_is_relieved_under_load_leaves_nothing_lost_doubled_or_in_quarantine(
    door: World,
) -> None:
    sent, over = 0, asyncio.Event()

    async def sender() -> None:
        nonlocal sent
        while not over.is_set():
            status, _ = await door.send("centre", vacancy(f"A-{sent}"), f"cle-{sent}")
            sent += status == 202

    async def more_arrive(who: str) -> None:
        so_far = len(door.siao.messages)
        await until(lambda: len(door.siao.messages) > so_far + 12, who)

    sending = asyncio.create_task(sender())
    async with AsyncExitStack() as successor:
        async with process(door.settings):
            await more_arrive("le premier est au travail")
            await successor.enter_async_context(process(door.settings))
            await more_arrive("les deux sont au travail")
        await more_arrive("le second est seul")
        over.set()
        await sending
        await door.settled()
    assert door.alive
    assert len(door.siao.messages) == len(set(door.siao.keys)) == sent
    assert await door.count("quarantine") == 0


class Older(dict[str, Any]):
    """The types that the version before knows, and those of which it was asked in vain."""

    def __init__(self, *unknown: str) -> None:
        super().__init__({name: contrat for name, contrat in CONTRATS.items() if name not in unknown})
        self.asked_in_vain: set[object] = set()

    def __contains__(self, name: object) -> bool:
        known = super().__contains__(name)
        if not known:
            self.asked_in_vain.add(name)
        return known


async def test_an_older_dispatcher_leaves_a_newer_type_and_what_follows_it_to_the_newer_one(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = prepared
    await world.start(*MOVING)
    await world.known_place("A-101")
    older = Older(PlaceOccupee.TYPE)
    with monkeypatch.context() as version:
        version.setattr(rendering, "CONTRATS", older)
        await world.accepted("centre", {"type": "place.occupee", "place": "A-101"})
        await world.accepted("centre", {"type": "place.liberee", "place": "A-101"})
        await until(lambda: older.asked_in_vain, "le dispatcher de la version d'avant l'a vu")
        await world.known_place("A-102")
    await until(lambda: world.siao.of_type("place.liberee"), "la nouvelle version prend la suite")
    await world.settled()
    kinds = [message["type"] for message in world.siao.messages]
    of_places = [
        kind for kind in kinds if kind != "alerte.anomalie"
    ]  # nobody was referred to the occupied one
    assert of_places == ["place.vacante", "place.vacante", "place.occupee", "place.liberee"]
    assert {each.etat for each in await world.deliveries("siao-01")} == {"livree"}
