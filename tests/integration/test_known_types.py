"""A new connection does not ask PostgreSQL what another of its process already knows."""

import asyncpg

from deploy.local import Parts
from router.store.known_types import KnowsTypes

OF_POSTGRES, OF_AN_INSTALLATION = "SELECT $1::uuid[]", "SELECT $1::{schema}.couleur[]"


async def asked(parts: Parts, query: str) -> list[str]:
    """All that a new connection has PostgreSQL run for one query."""
    queries: list[str] = []
    connection = await asyncpg.connect(parts.dsn, connection_class=KnowsTypes)
    connection.add_query_logger(lambda record: queries.append(record.query))
    assert await connection.fetchval(query, []) == []
    await connection.close()
    return queries


async def test_a_new_connection_asks_nothing_of_the_arrays_that_another_has_read(parts: Parts) -> None:
    await asked(parts, OF_POSTGRES)
    assert await asked(parts, OF_POSTGRES) == [OF_POSTGRES]


async def test_each_connection_asks_about_a_type_whose_number_may_be_anothers_elsewhere(
    parts: Parts, schema: str
) -> None:
    connection = await asyncpg.connect(parts.dsn)
    await connection.execute(f"CREATE SCHEMA {schema}; CREATE TYPE {schema}.couleur AS ENUM ('bleu')")
    await connection.close()
    query = OF_AN_INSTALLATION.format(schema=schema)
    assert len(await asked(parts, query)) == len(await asked(parts, query)) > 1
