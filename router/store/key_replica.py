"""Copy data keys and partners' ids from the key replica, if this database went back to an earlier moment."""

import asyncpg

from contracts.errors import BusUnavailable
from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn, postgres_ssl
from router.store.sql import Connection
from router.store.tables import keys_metadata

PAGE = 5000
ANSWER_SECONDS = 10.0


async def bring_back(connection: Connection, replica: DatabaseSettings) -> int:
    """Copy from the key replica the data keys and partners' ids that this database lacks. Existing rows stay.
    Return the number of copied rows. Raises BusUnavailable (here: PostgreSQL) if the replica cannot be
    reached."""
    try:
        source = await asyncpg.connect(
            postgres_dsn(replica),
            ssl=postgres_ssl(replica),
            timeout=ANSWER_SECONDS,
            server_settings={"search_path": replica.keys_schema},
        )
        try:
            tables = {table.name: list(table.columns.keys()) for table in keys_metadata.sorted_tables}
            return sum([await _copied(source, connection, *each) for each in tables.items()])
        finally:
            await source.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
        raise BusUnavailable(
            f"les clés ne viennent pas de leur réplique ({type(exc).__name__}) : la rendre joignable, ou ôter "
            "SIAO_HUB_DATABASE__KEYS_REPLICA_URL pour reprendre sans elle"
        ) from exc


async def _copied(source: asyncpg.Connection, target: Connection, table: str, columns: list[str]) -> int:
    listed, beside = ", ".join(columns), f"{table}_of_the_replica"
    await target.execute(f"CREATE TEMP TABLE {beside} (LIKE {table}) ON COMMIT DROP")
    async with source.transaction(isolation="repeatable_read", readonly=True):
        cursor = await source.cursor(f"SELECT {listed} FROM {table}")
        while page := await cursor.fetch(PAGE):
            await target.copy_records_to_table(beside, records=page, columns=columns)
    done = await target.execute(
        f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {beside} ON CONFLICT DO NOTHING"
    )
    return int(done.rpartition(" ")[2])
