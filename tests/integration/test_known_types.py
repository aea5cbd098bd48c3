"""A new connection does not ask PostgreSQL what another of its process already knows."""

import asyncpg

from deploy.local import Parts
from router.store.known_types import KnowsTypes

OF_POSTGRES = ("SELECT $1::uuid[]", "SELECT $1::time[]")
TOGETHER = "SELECT $1::uuid[] WHERE $1::uuid[] IS NOT NULL OR $2::time[] IS NOT NULL"
OF_AN_INSTALLATION = "SELECT $1::{schema}.couleur[]"


async def asked(parts: Parts, query: str, arrays: int = 1) -> list[str]:
    """All that a new connection has PostgreSQL run for one query of so many arguments."""
    queries: list[str] = []
    connection = await asyncpg.connect(parts.dsn, connection_class=KnowsTypes)
    connection.add_query_logger(lambda record: queries.append(record.query))
    assert await connection.fetchval(query, *[[]] * arrays) == []
    await connection.close()
    return queries


async def test_a_new_connection_asks_nothing_of_the_arrays_that_others_have_read(parts: Parts) -> None:
    for query in OF_POSTGRES:
        await asked(parts, query)
        assert await asked(parts, query) == [query]
    assert await asked(parts, TOGETHER, 2) == [TOGETHER]


async def test_each_connection_asks_about_a_type_whose_number_may_be_anothers_elsewhere(
    parts: Parts, schema: str
) -> None:
    connection = await asyncpg.connect(parts.dsn)
    await connection.execute(f"CREATE SCHEMA {schema}; CREATE TYPE {schema}.couleur AS ENUM ('bleu')")
    await connection.close()
    query = OF_AN_INSTALLATION.format(schema=schema)
    assert len(await asked(parts, query)) == len(await asked(parts, query)) > 1
