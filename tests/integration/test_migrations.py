"""The migrations build what `router/store/tables` describes; to run them again or at once does no harm."""

import asyncio
import itertools
import re
from collections.abc import AsyncIterator
from importlib.resources import files

import asyncpg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local import Parts
from deploy.local.ports import reserved_ports
from router.settings import DatabaseSettings
from router.store import migrations
from router.store.migrations import upgrade
from router.store.tables import keys_metadata, metadata
from tests.integration.migrated import migrated
from tests.integration.tables import (
    add_a_lease,
    connected,
    count,
    described,
    emptied,
    is_waited_for,
    read_by_somebody,
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


async def test_processes_that_migrate_at_once_make_together_what_the_tables_describe_and_again_it_changes_nothing(
    settings: DatabaseSettings, connection: asyncpg.Connection
) -> None:
    """At an address of several servers, the one that lives is migrated."""
    with reserved_ports(1) as (nobody,):
        account, _, server = settings.url.rpartition("@")
        several = settings.model_copy(update={"url": f"{account}@127.0.0.1:{nobody},{server}"})
        await asyncio.gather(*(asyncio.to_thread(upgrade, several) for _ in range(3)))
    assert len(await versions(connection)) == 1
    declared = {settings.schema_name: metadata, settings.keys_schema: keys_metadata}
    migrated = {schema: await described(connection, schema) for schema in declared}
    assert {row[0] for row in migrated[settings.schema_name][0]} == set(metadata.tables)
    await add_a_lease(connection)
    await asyncio.to_thread(upgrade, settings)
    assert {schema: await described(connection, schema) for schema in declared} == migrated
    assert await count(connection, "lease") == 1
    for schema, tables in declared.items():
        await emptied(connection, schema)
        engine = create_async_engine(settings.url, connect_args={"server_settings": {"search_path": schema}})
        async with engine.begin() as building:
            await building.run_sync(tables.create_all)
        await engine.dispose()
        assert migrated[schema] == await described(connection, schema)
        assert all(migrated[schema])


def test_a_migration_drops_an_index_last_because_that_locks_out_all_readers_until_its_end() -> None:
    for script in files(migrations).joinpath("versions").iterdir():
        said = re.findall(r'op\.execute\(\s*"(\w+ \w+)', script.read_text()) if script.is_file() else []
        after = itertools.dropwhile(lambda words: words != "DROP INDEX", said)
        assert set(after) <= {"DROP INDEX"}, script.name


async def test_a_migration_that_finds_a_table_in_use_lets_those_behind_it_pass_and_tries_again(
    settings: DatabaseSettings, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrated(settings)

    def changes_the_crosswalk(engine: Connection, *_: object) -> bool:
        engine.execute(text("SET LOCAL lock_timeout TO '1s'"))
        engine.execute(
            text(f'ALTER TABLE "{settings.keys_schema}".crosswalk ADD COLUMN IF NOT EXISTS neuve int')
        )
        return False

    monkeypatch.setattr(migrations, "_next_version", changes_the_crosswalk)
    async with connected(settings) as other:
        async with connection.transaction():
            await read_by_somebody(connection, "crosswalk")
            upgrading = asyncio.create_task(asyncio.to_thread(upgrade, settings))
            await until(lambda: is_waited_for(other, "crosswalk"), "la migration attend la table")
            await asyncio.wait_for(count(other, "crosswalk"), 20)
            assert not upgrading.done()
        await upgrading
    assert await connection.fetchval("SELECT neuve FROM crosswalk") is None
