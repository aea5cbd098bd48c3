"""Copy keys and partners' own ids from the key replica (a second database) if this database went back to an
earlier moment."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from contracts.errors import BusUnavailable
from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn, postgres_ssl
from router.store.sql import Connection
from router.store.tables import keys_metadata

PAGE = 5000
ANSWER_SECONDS = 10.0
POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types


async def bring_back(connection: Connection, replica: DatabaseSettings) -> int:
    """Copy from the key replica the keys and partners' own ids that this database lacks. Existing rows stay.
    Return the number of copied rows. Raises BusUnavailable if the replica cannot be reached."""
    async with aclosing(_pages(replica)) as pages:
        return sum([await _added(connection, table, page) async for table, page in pages])


async def _pages(replica: DatabaseSettings) -> AsyncGenerator[tuple[Table, Sequence[Sequence[Any]]]]:
    try:
        source = await asyncpg.connect(
            postgres_dsn(replica),
            ssl=postgres_ssl(replica),
            timeout=ANSWER_SECONDS,
            server_settings={"search_path": replica.keys_schema},
        )
        try:
            for table in keys_metadata.sorted_tables:
                async with source.transaction(isolation="repeatable_read", readonly=True):
                    cursor = await source.cursor(f"SELECT {_columns(table)} FROM {table.name}")
                    while page := await cursor.fetch(PAGE):
                        yield table, page
        finally:
            await source.close()
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
        raise BusUnavailable(
            f"les clés ne viennent pas de leur réplique ({type(exc).__name__}) : la rendre joignable, ou ôter "
            "SIAO_HUB_DATABASE__KEYS_REPLICA_URL pour reprendre sans elle"
        ) from exc


async def _added(target: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> int:
    """Add the rows that `target` lacks, and return their number. This takes no temporary table, because the hub's
    account may create none."""
    types = (column.type.compile(POSTGRESQL) for column in table.columns)
    arrays = ", ".join(f"CAST(${number} AS {each}[])" for number, each in enumerate(types, 1))
    columns = _columns(table)
    done = await target.execute(
        f"INSERT INTO {table.name} ({columns}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING",
        *zip(*rows, strict=True),
    )
    return int(done.rpartition(" ")[2])


def _columns(table: Table) -> str:
    return ", ".join(table.columns.keys())
