"""The migrations build what `router/store/tables.py` describes; to run them again or at once does no harm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from deploy.local import Parts
from deploy.local.postgres import PostgresServer
from router.settings import DatabaseSettings
from router.store.migrations import upgrade
from router.store.tables import keys_metadata, metadata
from tests.integration.waiting import until

COLUMNS = """
    SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, is_identity
    FROM information_schema.columns WHERE table_schema = $1 AND table_name <> 'alembic_version'
    ORDER BY table_name, ordinal_position
"""
INDEXES = """
    SELECT replace(indexdef, $1 || '.', '') FROM pg_indexes
    WHERE schemaname = $1 AND tablename <> 'alembic_version' ORDER BY 1
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = $1::regnamespace AND conrelid::regclass::text NOT LIKE '%alembic_version'
"""


@pytest.fixture
def settings(parts: Parts, schema: str) -> DatabaseSettings:
    return DatabaseSettings(url=parts.database_url, schema_name=schema)


@asynccontextmanager
async def connected(settings: DatabaseSettings) -> AsyncIterator[asyncpg.Connection]:
    path = f"{settings.schema_name},{settings.keys_schema}"
    dsn = settings.url.replace("+asyncpg", "", 1)
    opened = await asyncpg.connect(dsn, server_settings={"search_path": path})
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def connection(settings: DatabaseSettings) -> AsyncIterator[asyncpg.Connection]:
    async with connected(settings) as opened:
        yield opened


async def described(connection: asyncpg.Connection, schema: str) -> list[list[Any]]:
    """Columns with types, defaults and identities; indexes with their conditions; constraints."""
    columns = [tuple(row) for row in await connection.fetch(COLUMNS, schema)]
    indexes = [tuple(row) for row in await connection.fetch(INDEXES, schema)]
    rows = await connection.fetch(CONSTRAINTS, schema)
    constraints = sorted((row[0].split(".")[-1], *row[1:]) for row in rows)
    return [columns, indexes, constraints]


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
    await connection.execute(f'DROP SCHEMA "{schema}" CASCADE; CREATE SCHEMA "{schema}"')
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
    await connection.execute("INSERT INTO lease VALUES ('x', gen_random_uuid(), 1, now())")
    await asyncio.to_thread(upgrade, settings)
    assert await described(connection, settings.schema_name) == before
    assert await connection.fetchval("SELECT count(*) FROM lease") == 1


async def test_processes_that_migrate_at_once_do_it_one_after_the_other(
    settings: DatabaseSettings, connection: asyncpg.Connection
) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, settings) for _ in range(4)))
    versions = await connection.fetch("SELECT version_num FROM alembic_version")
    assert len(versions) == 1
    tables = {row[0] for row in (await described(connection, settings.schema_name))[0]}
    assert tables == set(metadata.tables)


async def test_a_backup_from_before_the_crosswalk_moved_is_migrated_beside_keys_that_went_on(
    postgres: PostgresServer, schema: str, tmp_path: Path
) -> None:
    settings = DatabaseSettings(url=postgres.url, schema_name=schema)
    async with connected(settings) as connection:
        await asyncio.to_thread(upgrade, settings, "0002")
        await connection.execute("INSERT INTO crosswalk VALUES ('p', 'place', 'a', gen_random_uuid(), 's')")
        await asyncio.to_thread(postgres.dump, schema, tmp_path / "sauvegarde")
        await asyncio.to_thread(upgrade, settings)
        await connection.execute("INSERT INTO crosswalk VALUES ('p', 'place', 'b', gen_random_uuid(), 's')")
        await asyncio.to_thread(postgres.restore, schema, tmp_path / "sauvegarde")
        await asyncio.to_thread(upgrade, settings)
        assert await connection.fetchval("SELECT count(*) FROM crosswalk") == 2


async def test_a_migration_that_finds_a_table_in_use_lets_those_behind_it_pass_and_tries_again(
    settings: DatabaseSettings, connection: asyncpg.Connection, parts: Parts
) -> None:
    await asyncio.to_thread(upgrade, settings, "0002")
    other = await asyncpg.connect(parts.dsn)
    crosswalk = f"{settings.schema_name}.crosswalk"
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {crosswalk} IN ACCESS SHARE MODE")
        upgrading = asyncio.create_task(asyncio.to_thread(upgrade, settings))
        waits = "SELECT 1 FROM pg_locks WHERE relation = $1::regclass AND NOT granted"
        await until(lambda: other.fetch(waits, crosswalk), "la migration attend la table")
        await asyncio.wait_for(other.fetch(f"SELECT 1 FROM {crosswalk}"), 20)  # noqa: S608 - our own name
        assert not upgrading.done()
    await upgrading
    assert await connection.fetchval("SELECT count(*) FROM crosswalk") == 0
    await other.close()
