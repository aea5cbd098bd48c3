"""Migrations, forward only: expand first, contract when no process of the older version is left."""

import asyncio
from importlib.resources import files

import asyncpg
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.errors import BusUnavailable
from router.settings import DatabaseSettings

LOCK = 7_420_133
"""Advisory lock: two processes that migrate at once do it one after the other."""


def upgrade(settings: DatabaseSettings, to: str = "head") -> None:
    """Bring schema and keys schema to the newest version, or to one before it. Idempotent. Raises BusUnavailable."""
    asyncio.run(_upgrade(settings, to))


async def _upgrade(settings: DatabaseSettings, to: str) -> None:
    engine = create_async_engine(settings.url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade_on, settings, to)
    except (OSError, DBAPIError, asyncpg.PostgresError) as exc:
        raise BusUnavailable(f"la base de données n'a pu être préparée ({type(exc).__name__})") from exc
    finally:
        await engine.dispose()


def _upgrade_on(connection: Connection, settings: DatabaseSettings, to: str) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    for schema in (settings.schema_name, settings.keys_schema):
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    connection.execute(text(f'SET LOCAL search_path TO "{settings.schema_name}", "{settings.keys_schema}"'))
    config = Config()
    config.set_main_option("script_location", str(files("router.store.migrations")))
    config.attributes["connection"] = connection
    config.attributes["schema"] = settings.schema_name
    config.attributes["keys_schema"] = settings.keys_schema
    command.upgrade(config, to)
