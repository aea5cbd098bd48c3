"""Description of the hub's tables in any version, and some rows that a migration must keep."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import Connection

from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn

_COLUMNS = """
    SELECT table_name, column_name, ordinal_position, data_type, is_nullable, column_default, is_identity
    FROM information_schema.columns WHERE table_schema = $1 AND table_name <> 'alembic_version'
    ORDER BY table_name, ordinal_position
"""
_INDEXES = """
    SELECT replace(indexdef, $1 || '.', '') FROM pg_indexes
    WHERE schemaname = $1 AND tablename <> 'alembic_version' ORDER BY 1
"""
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = $1::regnamespace AND conrelid::regclass::text NOT LIKE '%alembic_version'
"""
_DEMANDS = """
    SELECT table_name, column_name, data_type,
           is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AS demanded
    FROM information_schema.columns WHERE table_schema = ANY($1) AND table_name <> 'alembic_version'
"""


class Column(NamedTuple):
    """A column, as it matters to a statement written before the column existed."""

    type: str
    demanded: bool
    """Whether an INSERT without this column fails."""


Tables = Mapping[str, Mapping[str, Column]]


@asynccontextmanager
async def connected(settings: DatabaseSettings) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection that finds the tables of both schemas."""
    path = f"{settings.schema_name},{settings.keys_schema}"
    dsn = postgres_dsn(settings)
    opened = await asyncpg.connect(dsn, server_settings={"search_path": path})
    try:
        yield opened
    finally:
        await opened.close()


async def described(connection: asyncpg.Connection, schema: str) -> list[list[Any]]:
    """Return the columns of a schema with types, defaults and identities, its indexes with conditions, and its
    constraints."""
    columns = [tuple(row) for row in await connection.fetch(_COLUMNS, schema)]
    indexes = [tuple(row) for row in await connection.fetch(_INDEXES, schema)]
    rows = await connection.fetch(_CONSTRAINTS, schema)
    constraints = sorted((row[0].split(".")[-1], *row[1:]) for row in rows)
    return [columns, indexes, constraints]


def columns_of(connection: Connection, settings: DatabaseSettings) -> Tables:
    """Return the columns of all tables in both schemas, by table, as the transaction of a migration sees them."""
    rows = connection.exec_driver_sql(_DEMANDS, ([settings.schema_name, settings.keys_schema],))
    found: dict[str, dict[str, Column]] = {}
    for table, name, kind, demanded in rows:
        found.setdefault(table, {})[name] = Column(kind, demanded)
    return found


async def emptied(connection: asyncpg.Connection, schema: str) -> None:
    """Drop everything in a schema."""
    await connection.execute(f'DROP SCHEMA "{schema}" CASCADE; CREATE SCHEMA "{schema}"')


async def versions(connection: asyncpg.Connection) -> list[str]:
    """Return the migration versions that the database records; there should be one."""
    return [row[0] for row in await connection.fetch("SELECT version_num FROM alembic_version")]


async def add_a_lease(connection: asyncpg.Connection) -> None:
    await connection.execute("INSERT INTO lease VALUES ('x', gen_random_uuid(), 1, now())")


async def add_a_partner(connection: asyncpg.Connection) -> None:
    await connection.execute("INSERT INTO partner VALUES ('centre', '{}')")


async def answers(connection: asyncpg.Connection) -> set[UUID]:
    """Return the deliveries whose answer is stored."""
    return {row["id"] for row in await connection.fetch("SELECT id FROM delivery WHERE reply IS NOT NULL")}


async def silence(connection: asyncpg.Connection, holder: UUID) -> timedelta | None:
    """Return how long ago a holder was last heard of, in days; None if that is unknown."""
    since = await connection.fetchval("SELECT now() - at FROM heard WHERE holder = $1", holder)
    return None if since is None else timedelta(days=since.days)


async def count(connection: asyncpg.Connection, table: str) -> int:
    return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608  our own name


async def counted(connection: asyncpg.Connection) -> dict[str, int]:
    """Return the number of rows of each table."""
    query = (
        "SELECT CAST(oid::regclass AS text) FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid)"
    )
    found = await connection.fetch(f"{query} AND relnamespace <> 'pg_catalog'::regnamespace ORDER BY 1")
    return {row[0]: await count(connection, row[0]) for row in found}


async def read_by_somebody(connection: asyncpg.Connection, table: str) -> None:
    """Lock a table as a reader does, until the transaction ends."""
    await connection.execute(f"LOCK TABLE {table} IN ACCESS SHARE MODE")


async def is_waited_for(connection: asyncpg.Connection, table: str) -> bool:
    """Return whether somebody waits for a lock on the table."""
    waits = "SELECT 1 FROM pg_locks WHERE relation = $1::regclass AND NOT granted"
    return bool(await connection.fetch(waits, table))


async def keep(connection: asyncpg.Connection, name: str) -> None:
    """Make a table with one place of this name."""
    await connection.execute("CREATE TABLE place (nom text)")
    await connection.execute("INSERT INTO place VALUES ($1)", name)


async def kept(connection: asyncpg.Connection) -> str:
    """Return the name of the place in the table `place`."""
    return str(await connection.fetchval("SELECT nom FROM place"))


async def setting(connection: asyncpg.Connection, name: str) -> str:
    """Return the value of a server setting."""
    return str(await connection.fetchval(f"SHOW {name}"))


async def answer(connection: Any) -> int:
    """Return 42, computed by the server of this connection."""
    return int(await connection.fetchval("SELECT 42"))
