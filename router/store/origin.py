"""Tell whether the database went back to an earlier moment, because a backup was restored or a standby took
over.

The row of the table `origin` records how it was written: the numbers of the transaction, the table and the
timeline. In a restored backup, the row has another transaction and another table. After a takeover by a
standby, the server has another timeline.
"""

from datetime import datetime
from typing import NamedTuple

from router.store.sql import Connection, Sql

TIMELINE = (
    "CASE WHEN NOT pg_is_in_recovery() "
    "THEN CAST(CAST('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS bit(32)) AS int) END"
)
"""SQL expression for the number of the timeline on which PostgreSQL writes. NULL on a standby."""
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
    """Primary server of PostgreSQL. It is identified by the id of its cluster and by its timeline, which
    grows when a standby takes over."""

    system: int
    timeline: int

    def is_older_than(self, other: "Server") -> bool:
        """Tell whether `other` is a standby of the same cluster that has taken over from this server."""
        return self.system == other.system and self.timeline < other.timeline


class Met(NamedTuple):
    """Server that a new connection reaches, and whether its database went back to an earlier moment."""

    server: Server | None
    """PostgreSQL server that the connection reaches, if it is a primary. None if it is a standby."""
    went_back: bool


class Origin(NamedTuple):
    """What the database knows about its own past: whether a backup was restored, or a standby has taken
    over."""

    went_back: bool
    """True if the database was set back to an earlier moment (by a restore or a takeover by a standby), and
    the hub has not yet recovered the lost events from Kafka."""
    by_failover: bool
    """True if a standby took over. False if a backup was restored."""
    seen_at: datetime
    """Time, by PostgreSQL's clock, of the last check that found the database whole: neither a restored backup
    nor a takeover by a standby had set it back to an earlier state."""
    synchronous: bool
    """True if, at `seen_at`, a synchronous standby had all commits."""
    took_over_at: datetime | None
    """Moment at which the hub had recovered the events lost in the last takeover by a standby. None if there
    was no takeover."""
    has_journal: bool
    """True if the journal of erasures was ever begun. The journal is a file outside the database. If it was
    begun and the file is missing, the journal is lost."""


async def server_of(connection: Connection) -> Server | None:
    """Return the PostgreSQL server that a connection reaches. Return None if it is a standby."""
    system, timeline = await _SERVER.one(connection)
    return None if timeline is None else Server(system, timeline)


async def met(connection: Connection) -> Met:
    """Return the PostgreSQL server that a connection reaches, and whether its database went back to an earlier
    moment."""
    row = await _MET.one(connection)
    server = None if row.timeline is None else Server(row.system, row.timeline)
    return Met(server, row.went_back)


async def read(connection: Connection) -> Origin | None:
    """Return what the database records about restored backups and takeovers by a standby. Return None if the
    row with this record is missing, as in some restored backups."""
    row = await _READ.first(connection)
    return None if row is None else Origin(**row)


async def went_back(connection: Connection) -> bool:
    """Tell whether the database was set back to an earlier moment (by a restore or a takeover by a standby),
    and the hub has not yet recovered the lost events from Kafka."""
    return (await met(connection)).went_back


async def keep(connection: Connection) -> None:
    """Record the present moment as that of a check which found the database whole. Do nothing if a restored
    backup or a takeover by a standby has set the database back to an earlier moment."""
    await _KEEP.run(connection)


async def begin_journal(connection: Connection) -> None:
    """Record that the journal of erasures exists from now on. The journal is a file outside the database."""
    await _BEGIN_JOURNAL.run(connection)


async def renew(connection: Connection) -> None:
    """Record that Kafka was read again after the database had gone back to an earlier moment. The database
    then counts as up to date."""
    await _RENEW.run(connection)
