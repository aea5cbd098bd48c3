"""Leases: who may do what only one may do, until when by PostgreSQL's clock.

The column `token` is the fencing token.
"""

from uuid import UUID

from router.store.sql import Connection, Sql

_TAKE = Sql("""
    INSERT INTO lease AS l (name, holder, token, until)
    VALUES (:name, :holder, 1, now() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE SET
        holder = excluded.holder, until = excluded.until,
        token = l.token + CASE WHEN l.holder = excluded.holder THEN 0 ELSE 1 END
    WHERE l.holder = excluded.holder OR l.until < now()
    RETURNING token
""")
KEPT = """
    UPDATE lease SET until = now() + make_interval(secs => :lease_s)
    WHERE holder = :process AND name = ANY(CAST(:leases AS text[])) AND until > now() RETURNING name
"""
"""Makes leases last that are still their holder's, and nobody else's since. What it does not return is to be taken."""
_RELEASE = Sql("UPDATE lease SET until = now() WHERE name = :name AND holder = :holder")


async def take(connection: Connection, name: str, holder: UUID, seconds: float) -> int | None:
    """Take or renew a lease for so many seconds. Returns its fencing token, which grows at each change of holder; None
    while another holder has it."""
    row = await _TAKE.first(connection, name=name, holder=holder, seconds=seconds)
    return None if row is None else int(row.token)


async def release(connection: Connection, name: str, holder: UUID) -> None:
    """End a lease of this holder now; nothing where another has it."""
    await _RELEASE.run(connection, name=name, holder=holder)
