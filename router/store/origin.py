"""Whether the tables are the ones that the hub writes, or come from a backup and lack what was accepted since.

One row says by which transaction, and in which table, it was written. PostgreSQL knows both of every row. Of a row that
a restoration wrote again they are others.
"""

from router.store.sql import Connection, Sql

_IS_RESTORED = Sql(
    "SELECT NOT EXISTS (SELECT FROM origin WHERE written = concat(tableoid, ' ', xmin)) AS restored"
)
_FORGET = Sql("DELETE FROM origin")
_WRITE = Sql("""
    INSERT INTO origin (written) SELECT concat(c.oid, ' ', CAST(pg_current_xact_id() AS xid))
    FROM pg_class c WHERE c.oid = CAST('origin' AS regclass)
""")


async def is_restored(connection: Connection) -> bool:
    """Whether a backup was put back, and nobody has read the bus again since."""
    return bool((await _IS_RESTORED.one(connection)).restored)


async def renew(connection: Connection) -> None:
    """From now on these tables are the hub's own."""
    await _FORGET.run(connection)
    await _WRITE.run(connection)
