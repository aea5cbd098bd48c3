"""The migrations build what `router/store/tables.py` describes; to run them again or at once does no harm."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.privacy import Classe
from contracts.sealed import Part, to_bytes
from deploy.local import Parts
from deploy.local.postgres import PostgresServer
from router.settings import DatabaseSettings
from router.store.migrations import upgrade
from router.store.tables import keys_metadata, metadata
from tests.integration.tables import (
    add_a_lease,
    add_a_partner,
    add_a_referral,
    add_an_answer,
    add_to_the_crosswalk,
    answers,
    connected,
    count,
    described,
    emptied,
    is_waited_for,
    read_by_somebody,
    shown_as_ours,
    silence,
    versions,
)
from tests.integration.waiting import until


@pytest.fixture
def settings(parts: Parts, schema: str) -> DatabaseSettings:
    return DatabaseSettings(url=parts.database_url, schema_name=schema)


@pytest.fixture
async def connection(settings: DatabaseSettings) -> AsyncIterator[asyncpg.Connection]:
    async with connected(settings) as opened:
        yield opened


@pytest.mark.parametrize("part", ["tables", "keys"])
async def test_the_migrated_database_is_the_one_that_the_tables_describe(
    settings: DatabaseSettings, connection: asyncpg.Connection, part: str
) -> None:
    await asyncio.to_thread(upgrade, settings)
    declared, schema = {
        "tables": (metadata, settings.schema_name),
        "keys": (keys_metadata, settings.keys_schema),
    }[part]
    migrated = await described(connection, schema)
    await emptied(connection, schema)
    engine = create_async_engine(settings.url, connect_args={"server_settings": {"search_path": schema}})
    async with engine.begin() as building:
        await building.run_sync(declared.create_all)
    await engine.dispose()
    assert migrated == await described(connection, schema)
    assert all(migrated)


async def test_to_migrate_twice_changes_nothing(
    settings: DatabaseSettings, connection: asyncpg.Connection
) -> None:
    await asyncio.to_thread(upgrade, settings)
    before = await described(connection, settings.schema_name)
    await add_a_lease(connection)
    await asyncio.to_thread(upgrade, settings)
    assert await described(connection, settings.schema_name) == before
    assert await count(connection, "lease") == 1


async def test_processes_that_migrate_at_once_do_it_one_after_the_other(
    settings: DatabaseSettings, connection: asyncpg.Connection
) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, settings) for _ in range(4)))
    assert len(await versions(connection)) == 1
    tables = {row[0] for row in (await described(connection, settings.schema_name))[0]}
    assert tables == set(metadata.tables)


async def test_a_backup_from_before_the_crosswalk_moved_is_migrated_beside_keys_that_went_on(
    postgres: PostgresServer, schema: str, tmp_path: Path
) -> None:
    settings = DatabaseSettings(url=postgres.url, schema_name=schema)
    async with connected(settings) as connection:
        await asyncio.to_thread(upgrade, settings, "0002")
        await add_to_the_crosswalk(connection, b"a")
        await asyncio.to_thread(postgres.dump, schema, tmp_path / "sauvegarde")
        await asyncio.to_thread(upgrade, settings)
        await add_to_the_crosswalk(connection, b"b")
        await asyncio.to_thread(postgres.restore, schema, tmp_path / "sauvegarde")
        await asyncio.to_thread(upgrade, settings)
        assert await count(connection, "crosswalk") == 2


async def test_a_household_keeps_the_id_that_partners_know_and_the_day_on_which_it_was_last_spoken_of(
    settings: DatabaseSettings, connection: asyncpg.Connection
) -> None:
    await asyncio.to_thread(upgrade, settings, "0009")
    await add_a_partner(connection)
    menage = await add_a_referral(connection, "siao-01", "centre", timedelta(days=300))
    await asyncio.to_thread(upgrade, settings)
    assert await silence(connection, menage) == timedelta(days=300)
    assert await shown_as_ours(connection, menage) == {"siao-01", "centre"}


async def test_a_replica_of_the_keys_gets_what_was_heard_from_the_other_side_alone(
    settings: DatabaseSettings, connection: asyncpg.Connection
) -> None:
    await asyncio.to_thread(upgrade, settings, "0009")
    menage = await add_a_referral(connection, "siao-01", "centre", timedelta(days=300))
    await asyncio.to_thread(upgrade, settings)
    assert await silence(connection, menage) is None


async def test_an_answer_that_is_sealed_for_no_household_is_kept_no_more(
    settings: DatabaseSettings, connection: asyncpg.Connection
) -> None:
    await asyncio.to_thread(upgrade, settings, "0040")
    nobody = Part(Classe.C2, UUID(int=1), b"n" * 12, b"t")
    sealed, bare = to_bytes({"a": '"scelle":[]'}, [nobody]), to_bytes({"a": 1}, [])
    kept = await add_an_answer(connection, sealed, "orientation")
    for payload, nature in ((bare, "orientation"), (bare, "place"), (sealed, "place")):
        await add_an_answer(connection, payload, nature)
    await asyncio.to_thread(upgrade, settings)
    assert await answers(connection) == {kept}


async def test_a_migration_that_finds_a_table_in_use_lets_those_behind_it_pass_and_tries_again(
    settings: DatabaseSettings, connection: asyncpg.Connection
) -> None:
    await asyncio.to_thread(upgrade, settings, "0002")
    async with connected(settings) as other:
        async with connection.transaction():
            await read_by_somebody(connection, "crosswalk")
            upgrading = asyncio.create_task(asyncio.to_thread(upgrade, settings))
            await until(lambda: is_waited_for(other, "crosswalk"), "la migration attend la table")
            await asyncio.wait_for(count(other, "crosswalk"), 20)
            assert not upgrading.done()
        await upgrading
    assert await count(connection, "crosswalk") == 0
