"""A second server that follows the keys of a first one, as operations are told to set it up."""

import asyncio

import asyncpg

from deploy.local.postgres import PostgresServer


async def replicate_keys(server: PostgresServer, replica: PostgresServer, schema: str) -> None:
    """From now on the server answers for a key once its replica has it too. The replica has the tables already."""
    await _run(server, "ALTER SYSTEM SET wal_level = 'logical'")
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    await _run(server, f"CREATE PUBLICATION siao_cles FOR TABLES IN SCHEMA {schema}")
    source = f"CONNECTION '{_dsn(server)}' PUBLICATION siao_cles"
    await _run(replica, f"CREATE SUBSCRIPTION siao_cles {source}")
    await _run(server, "ALTER SYSTEM SET synchronous_standby_names = 'siao_cles'")
    await _run(server, "SELECT pg_reload_conf()")


async def _run(server: PostgresServer, statement: str) -> None:
    connection = await asyncpg.connect(_dsn(server))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _dsn(server: PostgresServer) -> str:
    return server.url.replace("+asyncpg", "", 1)
