"""Tell whether the database went back to an earlier moment, because a backup was restored or a standby took
over.

The table `origin` has one row. In this row, the hub notes where it wrote the row: in which transaction and
table of PostgreSQL, and on which timeline (a number that grows when a standby takes over). In a restored
backup, the row is in another transaction and table than noted. After a takeover, PostgreSQL is on another
timeline than noted.
"""

from datetime import datetime
from typing import NamedTuple

from router.store.sql import Connection, Sql

TIMELINE = (
    "CASE WHEN NOT pg_is_in_recovery() "
    "THEN CAST(CAST('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS bit(32)) AS int) END"
)
"""SQL expression for the timeline on which PostgreSQL writes: a number that grows when a standby takes over.
NULL on a standby."""
_OURS = f"written = concat(tableoid, ' ', xmin) AND timeline = {TIMELINE}"
_WRITTEN_NOW = "concat(tableoid, ' ', CAST(pg_current_xact_id() AS xid))"
_MET = Sql(f"""
    SELECT (SELECT system_identifier FROM pg_control_system()) AS system, {TIMELINE} AS timeline,
           NOT EXISTS (SELECT FROM origin WHERE {_OURS}) AS went_back
""")
_SERVER = Sql(f"SELECT (SELECT system_identifier FROM pg_control_system()) AS system, {TIMELINE} AS timeline")
_READ = Sql(f"""
    SELECT ({_OURS}) IS NOT TRUE AS went_back, written = concat(tableoid, ' ', xmin) AS by_failover, seen_at,
           synchronous, took_over_at, has_journal
    FROM origin
""")
_KEEP = Sql(f"""
    UPDATE origin SET written = {_WRITTEN_NOW}, seen_at = now(),
        synchronous = current_setting('synchronous_commit') IN ('on', 'remote_apply') AND EXISTS (
            SELECT FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum') AND pid NOT IN (
                SELECT active_pid FROM pg_replication_slots WHERE slot_type = 'logical' AND active_pid IS NOT NULL))
    WHERE {_OURS}
""")
_BEGIN_JOURNAL = Sql(f"UPDATE origin SET written = {_WRITTEN_NOW}, has_journal = true WHERE {_OURS}")
_RENEW = Sql(f"""
    WITH known AS (SELECT * FROM origin LIMIT 1), gone AS (DELETE FROM origin)
    INSERT INTO origin (written, timeline, took_over_at, has_journal)
    SELECT concat(c.oid, ' ', CAST(pg_current_xact_id() AS xid)), {TIMELINE},
           CASE WHEN timeline <> {TIMELINE} THEN now() ELSE took_over_at END, COALESCE(has_journal, false)
    FROM pg_class c LEFT JOIN known ON true WHERE c.oid = CAST('origin' AS regclass)
""")


class Server(NamedTuple):
    """Primary PostgreSQL server: its cluster, and its timeline, a number that grows when a standby takes
    over."""

    system: int
    timeline: int

    def is_older_than(self, other: "Server") -> bool:
        """Tell whether `other` belongs to the same cluster and has taken over from this server."""
        return self.system == other.system and self.timeline < other.timeline


class Met(NamedTuple):
    """Server that a new connection has reached, and whether its database went back."""

    server: Server | None
    """Server reached, None for a standby."""
    went_back: bool


class Origin(NamedTuple):
    """Past of the database, as the database itself knows it: restores, takeovers, and when the database was
    last whole."""

    went_back: bool
    """True if the database went back, and the lost events are not yet recovered from Kafka."""
    by_failover: bool
    """True if a standby took over, False if a backup was restored. Without meaning if the database did not go
    back."""
    seen_at: datetime
    """When the database was last found whole, by PostgreSQL's clock."""
    synchronous: bool
    """True if, at `seen_at`, PostgreSQL let each commit wait until a standby had it. Such a standby lacks no
    commit."""
    took_over_at: datetime | None
    """When the losses of the last takeover were recovered, if there was one."""
    has_journal: bool
    """True if the journal of erasures, a file outside the database, was ever begun. If the file is missing
    then, the journal is lost."""


async def server_of(connection: Connection) -> Server | None:
    """Return the server that a connection reaches, or None for a standby."""
    system, timeline = await _SERVER.one(connection)
    return None if timeline is None else Server(system, timeline)


async def met(connection: Connection) -> Met:
    """Return the server that a connection reaches, and whether its database went back."""
    row = await _MET.one(connection)
    server = None if row.timeline is None else Server(row.system, row.timeline)
    return Met(server, row.went_back)


async def read(connection: Connection) -> Origin | None:
    """Return whether and how the database went back to an earlier moment, and when it was last whole (see
    `Origin`). Return None if the table `origin` is empty: some backups do not contain its row."""
    row = await _READ.first(connection)
    return None if row is None else Origin(**row)


async def went_back(connection: Connection) -> bool:
    """Tell whether the database went back and its lost events are not yet recovered from Kafka."""
    return (await met(connection)).went_back


async def keep(connection: Connection) -> None:
    """Record that the database is whole now. Do nothing if the database went back."""
    await _KEEP.run(connection)


async def begin_journal(connection: Connection) -> None:
    """Record that the journal of erasures, a file outside the database, exists."""
    await _BEGIN_JOURNAL.run(connection)


async def renew(connection: Connection) -> None:
    """Record that Kafka was read again after the database went back. The database then counts as whole."""
    await _RENEW.run(connection)
