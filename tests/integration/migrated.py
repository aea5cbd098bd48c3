"""Tables of the hub for tests, as the migrations make them.

The migrations run once in each process. Further tables are made from PostgreSQL's description of the result. A test
that leaves its tables unaltered gives them back, and another test gets them emptied, under another name.
"""

import asyncio
import re
import secrets
import subprocess
from collections import defaultdict
from typing import Any, NamedTuple

import asyncpg

from deploy.local.postgres import client_program
from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn
from router.store.known_types import KnowsTypes
from router.store.migrations import upgrade

_MODEL = f"modele_{secrets.token_hex(6)}"
_CONTENT = re.compile(r"^(?:INSERT INTO|SELECT pg_catalog\.setval).*;$", re.MULTILINE)
_MOMENT = re.compile(r"'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00(?::00)?'")
"""Each test has tables that were made just now: long after a model was made, the audit would have a gap."""
_ITS_OWN = """
    DELETE FROM SCHEMA.origin;
    INSERT INTO SCHEMA.origin (written, timeline)
    SELECT concat(c.oid, ' ', CAST(pg_current_xact_id() AS xid)),
           CAST(CAST('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS bit(32)) AS int)
    FROM pg_class c WHERE c.oid = CAST('SCHEMA.origin' AS regclass)
"""
"""SQL that marks tables as new. Otherwise tables filled from a description would look like a restored backup."""
_NEVER_ANALYSED = """
    DO $$ DECLARE it regclass; BEGIN
        FOR it IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text LIKE 'MODEL%'
        LOOP EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = off)', it); END LOOP;
    END $$
"""
"""SQL that turns off autovacuum, so that PostgreSQL's plans do not depend on earlier tests with the same tables."""
_RENAMED = """
    ALTER SCHEMA BEFORE RENAME TO AFTER; ALTER SCHEMA BEFORE_cles RENAME TO AFTER_cles;
    DO $$ DECLARE it record; BEGIN
        FOR it IN SELECT p.oid::regprocedure AS name, replace(substr(c, 13), 'BEFORE', 'AFTER') AS path
                  FROM pg_proc p, unnest(proconfig) c
                  WHERE pronamespace = 'AFTER'::regnamespace AND c LIKE 'search_path=%'
        LOOP EXECUTE format('ALTER FUNCTION %s SET search_path = %s', it.name, it.path); END LOOP;
    END $$
"""
_LOOK = """
    WITH ours AS (SELECT oid FROM pg_namespace WHERE CAST(nspname AS text) IN ($1, $1 || '_cles')),
         tables AS (SELECT c.oid, c.xmin FROM pg_class c JOIN ours ON relnamespace = ours.oid),
         parts (said) AS (SELECT concat('c', xmin) FROM tables
                   UNION ALL SELECT concat('n', n.xmin) FROM pg_namespace n JOIN ours USING (oid)
                   UNION ALL SELECT concat('p', p.xmin) FROM pg_proc p JOIN ours ON pronamespace = ours.oid
                   UNION ALL SELECT concat('t', t.xmin) FROM pg_trigger t JOIN tables ON tgrelid = tables.oid
                   UNION ALL SELECT concat('s', s.xmin) FROM pg_statistic s JOIN tables ON starelid = tables.oid
                   UNION ALL SELECT concat('r', r.xmin) FROM pg_constraint r JOIN ours ON connamespace = ours.oid
                   UNION ALL SELECT concat('a', a.xmin) FROM pg_attribute a JOIN tables ON attrelid = tables.oid)
    SELECT array_agg(said ORDER BY said) FROM parts
"""
"""Query for the versions of PostgreSQL's own rows about these tables. Any alteration of a table changes one."""
_EMPTIED = """
    DO $$ DECLARE it record; BEGIN
        FOR it IN SELECT oid::regclass AS name, pg_relation_size(oid) AS bytes FROM pg_class
                  WHERE relkind = 'r' AND pg_relation_size(oid) > 0
                        AND relnamespace::regnamespace::text IN ('SCHEMA', 'SCHEMA_cles')
        LOOP IF it.bytes > 65536 THEN EXECUTE format('TRUNCATE %s CASCADE', it.name);
             ELSE EXECUTE format('LOCK %1$s; DELETE FROM %1$s', it.name); END IF; END LOOP;
    END $$
"""
"""SQL that empties the tables. Few rows are deleted, because TRUNCATE makes new files for a table and each of its
indexes. Less than ten pages do not change plans. The lock shows whether a transaction is still open."""


class _Model(NamedTuple):
    """SQL that makes the tables, and SQL that writes the rows and counters which the migrations left."""

    tables: str
    content: str


_model: list[_Model] = []
_free: dict[str, list[str]] = defaultdict(list)
"""Names of unused tables, by address of their server."""
_lent: dict[tuple[str, str], Any] = {}
"""Result of `_LOOK` when a test got the tables, by server and name."""


async def migrated(settings: DatabaseSettings) -> None:
    """Make the newest tables in a schema that does not exist yet."""
    connection = await asyncpg.connect(postgres_dsn(settings), connection_class=KnowsTypes)
    try:
        await migrate(connection, settings)
    finally:
        await connection.close()


async def migrate(connection: asyncpg.Connection, settings: DatabaseSettings) -> None:
    """Make the newest tables on this connection, and leave the connection's settings unchanged."""
    dsn, name = postgres_dsn(settings), settings.schema_name
    async with connection.transaction():
        if _free[dsn]:
            await connection.execute(_renamed(_free[dsn].pop(), name))
        else:
            await _make(connection, settings)
            await connection.execute("RESET ALL")
        await connection.execute(_ITS_OWN.replace("SCHEMA", name))
        _lent[dsn, name] = await connection.fetchval(_LOOK, name)


async def give_back(dsn: str, name: str) -> None:
    """Empty the tables of a finished test and keep them for another one; drop them if the test has altered them."""
    connection = await asyncpg.connect(dsn, connection_class=KnowsTypes)
    try:
        await connection.execute("SET lock_timeout = '10s'")
        if not await empty(connection, dsn, name):
            await connection.execute(f"DROP SCHEMA IF EXISTS {name}, {name}_cles CASCADE")
            return
        free = f"libre_{secrets.token_hex(6)}"
        async with connection.transaction():
            await connection.execute(_renamed(name, free))
        del _lent[dsn, name]
        _free[dsn].append(free)
    finally:
        await connection.close()


async def empty(connection: asyncpg.Connection, dsn: str, name: str) -> bool:
    """Empty the tables, apart from the rows that the migrations left. Return False if a test has altered them."""
    if _lent.get((dsn, name)) is None or _lent[dsn, name] != await connection.fetchval(_LOOK, name):
        _lent.pop((dsn, name), None)
        return False
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '10s'")  # an open transaction is a test's fault
        await connection.execute("SET LOCAL session_replication_role = replica")  # triggers guard the audit
        await connection.execute(_EMPTIED.replace("SCHEMA", name))
        await connection.execute(_model[0].content.replace(_MODEL, name))
        await connection.execute(_ITS_OWN.replace("SCHEMA", name))
    return True


async def drop_all(dsn: str) -> None:
    """Drop all unused tables of a server."""
    connection = await asyncpg.connect(dsn)
    try:
        for name in _free.pop(dsn, []):
            await connection.execute(f"DROP SCHEMA {name}, {name}_cles CASCADE")
    finally:
        await connection.close()


async def _make(connection: asyncpg.Connection, settings: DatabaseSettings) -> None:
    if not _model:
        model = settings.model_copy(update={"schema_name": _MODEL})
        _model.append(await asyncio.to_thread(_made_by_the_migrations, model))
        await connection.execute(f"DROP SCHEMA {model.schema_name}, {model.keys_schema} CASCADE")
    await connection.execute(_model[0].tables.replace(_MODEL, settings.schema_name))
    await connection.execute(_NEVER_ANALYSED.replace("MODEL", settings.schema_name))
    await connection.execute("SET LOCAL session_replication_role = replica")
    await connection.execute(_model[0].content.replace(_MODEL, settings.schema_name))
    await connection.execute("SET LOCAL session_replication_role = origin")


def _renamed(before: str, after: str) -> str:
    return _RENAMED.replace("BEFORE", before).replace("AFTER", after)


def _made_by_the_migrations(settings: DatabaseSettings) -> _Model:
    upgrade(settings)
    schemas = (f"--schema={settings.schema_name}", f"--schema={settings.keys_schema}")
    as_statements = ("--no-owner", "--no-privileges", "--inserts")
    command = [str(client_program("pg_dump")), *as_statements, *schemas, postgres_dsn(settings)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    said = "\n".join(line for line in said.splitlines() if not line.startswith("\\"))
    return _Model(_CONTENT.sub("", said), _MOMENT.sub("now()", "\n".join(_CONTENT.findall(said))))
