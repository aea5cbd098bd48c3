"""The tables that one test leaves to the next are those of the migrations, and hold nothing of it."""

import secrets

from deploy.local import Parts
from router.settings import DatabaseSettings
from tests.integration import tables
from tests.integration.migrated import give_back, migrated


async def test_tables_come_to_a_test_as_the_migrations_left_them_whoever_had_them_before(
    parts: Parts, schema: str
) -> None:
    new = DatabaseSettings(url=parts.database_url, schema_name=f"test_{secrets.token_hex(6)}")
    used = new.model_copy(update={"schema_name": schema})
    await migrated(new)
    async with tables.connected(new) as connection:
        described = await tables.described(connection, new.schema_name)
        rows = await tables.counted(connection)
        await tables.add_a_lease(connection)
        await tables.add_a_partner(connection)
    await give_back(parts.dsn, new.schema_name)
    await migrated(used)
    async with tables.connected(used) as connection:
        assert await tables.described(connection, schema) == described
        assert await tables.counted(connection) == rows


async def test_tables_that_a_test_has_altered_come_to_nobody_else(parts: Parts, schema: str) -> None:
    altered = DatabaseSettings(url=parts.database_url, schema_name=f"test_{secrets.token_hex(6)}")
    await migrated(altered)
    async with tables.connected(altered) as connection:
        await connection.execute("ALTER TABLE partner ADD COLUMN de_passage text")
    await give_back(parts.dsn, altered.schema_name)
    await migrated(altered.model_copy(update={"schema_name": schema}))
    async with tables.connected(altered.model_copy(update={"schema_name": schema})) as connection:
        assert "de_passage" not in str(await tables.described(connection, schema))
