"""The hub's tables with a simulated clock, emptied for each story."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn
from router.store.tables import keys_metadata, metadata

_CLOCK = """
    CREATE FUNCTION {schema}.now() RETURNS timestamptz LANGUAGE sql STABLE
    AS $$ SELECT CAST(current_setting('simulation.now') AS timestamptz) $$
"""
"""SQL of a function that replaces PostgreSQL's `now()` for statements with the hub's schema first in their search
path."""


async def prepare(settings: DatabaseSettings) -> None:
    """Give the tables a simulated clock, and turn off autovacuum."""
    async with _connected(settings) as connection:
        await connection.execute(_CLOCK.format(schema=settings.schema_name))
        for table in _tables(settings):
            await connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


async def drop(settings: DatabaseSettings) -> None:
    """Drop the hub's schemas."""
    async with _connected(settings) as connection:
        await connection.execute(f"DROP SCHEMA {settings.schema_name}, {settings.keys_schema} CASCADE")


@asynccontextmanager
async def empty(settings: DatabaseSettings) -> AsyncIterator[Any]:
    """Empty the tables, and give a connection to inspect them."""
    async with _connected(settings) as connection:
        await connection.execute("SET session_replication_role = replica")  # turns off the audit's triggers
        await connection.execute(f"TRUNCATE {', '.join(_tables(settings))} RESTART IDENTITY")
        await connection.execute("RESET session_replication_role")
        await connection.execute(f"SET search_path TO {settings.schema_name}")
        yield connection


def _tables(settings: DatabaseSettings) -> list[str]:
    schemas = {settings.schema_name: metadata, settings.keys_schema: keys_metadata}
    return [f"{schema}.{table}" for schema, tables in schemas.items() for table in tables.tables]


@asynccontextmanager
async def _connected(settings: DatabaseSettings) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(postgres_dsn(settings))
    try:
        yield connection
    finally:
        connection.terminate()
