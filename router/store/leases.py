"""Store leases, which end by PostgreSQL's clock. A lease is one process's sole right to a job, for some
seconds.

In the table `lease`, `holder` is the process that has the lease, and `token` is the fencing token, which
grows when the lease changes hands.
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
    WHERE holder = :process AND name = ANY(CAST(:leases AS text[])) AND until > clock_timestamp()
    RETURNING name
"""
"""Statement that renews those of the leases `:leases` that the process still has, and returns their names. A
lease that was released since the transaction began is not renewed."""
_RELEASE = Sql("""
    UPDATE lease SET until = now() WHERE name = :name AND holder = :process AND token = :token
""")


async def take(
    connection: Connection, name: str, process: UUID, fencing_token: int, seconds: float
) -> int | None:
    """Take or renew the lease `name` for `seconds`. Return its fencing token, or None if another process has
    the lease. `fencing_token` is the token that this process already has for the lease, or 0."""
    row = await _TAKE.first(connection, name=name, process=process, token=fencing_token, seconds=seconds)
    return None if row is None else int(row.token)


async def release(connection: Connection, name: str, process: UUID, fencing_token: int) -> None:
    """End the lease `name` now, if this process still has it under this fencing token."""
    await _RELEASE.run(connection, name=name, process=process, token=fencing_token)
