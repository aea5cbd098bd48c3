"""The hub's tables for a test, as the migrations make them: those run once in a process, on a model, and the schema of
each test is made as PostgreSQL describes that one."""

import asyncio
import secrets
import subprocess

import asyncpg

from deploy.local.postgres import client_program
from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn
from router.store.migrations import upgrade

_MODEL = f"modele_{secrets.token_hex(6)}"
_described: list[str] = []
"""The statements that make what the migrations made, once they are known."""

_ITS_OWN = """
    DELETE FROM SCHEMA.origin;
    INSERT INTO SCHEMA.origin (written, timeline)
    SELECT concat(c.oid, ' ', CAST(pg_current_xact_id() AS xid)),
           CAST(CAST('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS bit(32)) AS int)
    FROM pg_class c WHERE c.oid = CAST('SCHEMA.origin' AS regclass)
"""
"""Tables that were described and made again look like a backup that was put back: these are new."""


async def migrated(settings: DatabaseSettings) -> None:
    """The newest tables, in a schema that is not there yet."""
    connection = await asyncpg.connect(postgres_dsn(settings))
    try:
        if not _described:
            model = settings.model_copy(update={"schema_name": _MODEL})
            _described.append(await asyncio.to_thread(_made_by_the_migrations, model))
            await connection.execute(f"DROP SCHEMA {model.schema_name}, {model.keys_schema} CASCADE")
        async with connection.transaction():
            await connection.execute(_described[0].replace(_MODEL, settings.schema_name))
            await connection.execute(_ITS_OWN.replace("SCHEMA", settings.schema_name))
    finally:
        await connection.close()


def _made_by_the_migrations(settings: DatabaseSettings) -> str:
    upgrade(settings)
    schemas = (f"--schema={settings.schema_name}", f"--schema={settings.keys_schema}")
    as_statements = ("--no-owner", "--no-privileges", "--inserts")
    command = [str(client_program("pg_dump")), *as_statements, *schemas, postgres_dsn(settings)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in said.splitlines() if not line.startswith("\\"))
