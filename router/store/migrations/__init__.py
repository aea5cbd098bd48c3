"""Migrate the database to a newer version. There is no way back to an older one.

A version of the hub adds to the tables what it needs. What is no longer needed is removed by a later version,
when no process of the previous version runs any more.
"""

import asyncio
from functools import partial
from importlib.resources import files

import asyncpg
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from contracts.errors import BusUnavailable
from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsns, postgres_ssl
from router.store.database import decided
from router.store.servers import connect

LOCK = 7_420_133
"""Advisory lock that lets one process migrate at a time."""
IN_THE_WAY = ("40P01", "55P03")
"""SQLSTATEs after which a migration is tried again: deadlock, lock not available."""
NOT_THE_OWNER = "42501"
ATTEMPTS, REST_SECONDS = 60, 0.5

_RECORD = text("INSERT INTO audit (actor, action, object) VALUES (:actor, 'base.migrer', :version)")


def upgrade(settings: DatabaseSettings, to: str = "head", actor: str = "siao-hub") -> None:
    """Migrate the database to the version `to`, and record each step in the audit.

    Raises BusUnavailable if PostgreSQL cannot be reached, or if the migration fails.
    """
    asyncio.run(_upgrade(settings, to, actor))


async def _upgrade(settings: DatabaseSettings, to: str, actor: str) -> None:
    engine = create_async_engine("postgresql+asyncpg://", async_creator=partial(_connected, settings))
    scripts = ScriptDirectory(str(files("router.store.migrations")))
    try:
        attempts = 0
        while True:
            try:
                async with engine.begin() as connection:
                    if not await connection.run_sync(_next_version, settings, scripts, to, actor):
                        return
            except DBAPIError as exc:
                attempts += 1
                if _state(exc) not in IN_THE_WAY or attempts == ATTEMPTS:
                    raise
                await asyncio.sleep(REST_SECONDS)
    except (OSError, DBAPIError, asyncpg.PostgresError) as exc:
        if _state(exc) in IN_THE_WAY:
            raise BusUnavailable(
                "une table est tenue depuis une minute : attendre la fin de la sauvegarde ?"
            ) from exc
        raise BusUnavailable(f"la base de données n'a pu être préparée : {_why(exc)}") from exc
    finally:
        await engine.dispose()


async def _connected(settings: DatabaseSettings) -> asyncpg.Connection:
    return await connect(postgres_dsns(settings), None, ssl=postgres_ssl(settings))


def _why(exc: Exception) -> object:
    if _state(exc) == NOT_THE_OWNER:
        return "ce compte n'est pas propriétaire des tables (SIAO_HUB_DATABASE__MIGRATION_URL)"
    return (None if isinstance(exc, DBAPIError) else decided(exc)) or type(exc).__name__


def _state(exc: Exception) -> str | None:
    return getattr(getattr(exc, "orig", None), "sqlstate", None)


def _next_version(
    connection: Connection, settings: DatabaseSettings, scripts: ScriptDirectory, to: str, actor: str
) -> bool:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    # Other transactions wait behind a migration that waits for a lock.
    connection.execute(text("SET LOCAL lock_timeout TO '1s'"))
    for schema in (settings.schema_name, settings.keys_schema):
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    connection.execute(text(f'SET LOCAL search_path TO "{settings.schema_name}", "{settings.keys_schema}"'))
    at = MigrationContext.configure(connection).get_current_revision()
    way = list(scripts.iterate_revisions(to, at or "base"))
    if not way:
        return False
    config = Config(attributes={"connection": connection, "schema": settings.schema_name})
    config.attributes["keys_schema"] = settings.keys_schema
    step = MigrationStep.upgrade_from_script(scripts.revision_map, way[-1])
    with EnvironmentContext(config, scripts, fn=lambda *_: [step]):
        scripts.run_env()
    connection.execute(_RECORD, {"actor": actor, "version": way[-1].revision})
    return True
