"""Store leases. A lease gives one process alone the right to do a job, until a moment of PostgreSQL's clock.

The column `token` is the fencing token, and `holder` is the process.
"""

from uuid import UUID

from router.store.sql import Connection, Sql

_TAKE = Sql("""
    INSERT INTO lease AS l (name, holder, token, until)
    VALUES (:name, :process, 1, now() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE SET
        holder = excluded.holder, until = excluded.until,
        token = l.token + CASE WHEN l.holder = excluded.holder AND l.token = :token THEN 0 ELSE 1 END
    WHERE l.holder = excluded.holder OR l.until < now()
    RETURNING token
""")
KEPT = """
    UPDATE lease SET until = now() + make_interval(secs => :lease_s)
    WHERE holder = :process AND name = ANY(CAST(:leases AS text[])) AND until > now() RETURNING name
"""
"""Statement that renews those leases in `:leases` that the process still holds. It returns the names of the
leases that it renewed."""
_RELEASE = Sql("""
    UPDATE lease SET until = now() WHERE name = :name AND holder = :process AND token = :token
""")


async def take(
    connection: Connection, name: str, process: UUID, fencing_token: int, seconds: float
) -> int | None:
    """Take a lease for `seconds`, or renew it. Return its fencing token, or None if another process holds the
    lease.

    `fencing_token` is the token that this process already has, or 0. A renewal keeps the token; a new holder
    gets a greater token.
    """
    row = await _TAKE.first(connection, name=name, process=process, token=fencing_token, seconds=seconds)
    return None if row is None else int(row.token)


async def release(connection: Connection, name: str, process: UUID, fencing_token: int) -> None:
    """End a lease now. Nothing changes if it was taken again since, by another process or by this one."""
    await _RELEASE.run(connection, name=name, process=process, token=fencing_token)
