"""Tell whether the tables are the hub's own, or come from a backup and lack what was accepted since.

One row says by which transaction, and in which table, it was written. PostgreSQL knows both of every row.
They differ for a row that a restoration has written again.
"""

from datetime import datetime
from typing import NamedTuple

from router.store.sql import Connection, Sql

TIMELINE = (
    "CASE WHEN NOT pg_is_in_recovery() "
    "THEN CAST(CAST('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8) AS bit(32)) AS int) END"
)
"""The timeline on which PostgreSQL writes; null on a standby. `pg_control_checkpoint` says the old one for a while."""
_OURS = f"written = concat(tableoid, ' ', xmin) AND timeline = {TIMELINE}"
_WRITTEN_NOW = "concat(tableoid, ' ', CAST(pg_current_xact_id() AS xid))"
_MET = Sql(f"""
    SELECT (SELECT system_identifier FROM pg_control_system()) AS system, {TIMELINE} AS timeline,
           NOT EXISTS (SELECT FROM origin WHERE {_OURS}) AS went_back
""")
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
    """A PostgreSQL that takes writes: of which cluster, and on which of its timelines."""

    system: int
    timeline: int

    def is_older_than(self, other: "Server") -> bool:
        """Whether the other one took over from it."""
        return self.system == other.system and self.timeline < other.timeline


class Met(NamedTuple):
    """What a new connection finds."""

    server: Server | None
    """None of a standby."""
    went_back: bool


class Origin(NamedTuple):
    """What the tables know of themselves."""

    went_back: bool
    """Whether they went back, and nobody has read the bus again since."""
    by_failover: bool
    """Whether that was no backup: the server goes on from where its standby was."""
    seen_at: datetime
    """When they were last known not to have gone back, by PostgreSQL's clock."""
    synchronous: bool
    """Whether a standby had all that was committed then."""
    took_over_at: datetime | None
    """When the last standby that took over was made good; None where none ever did."""
    has_journal: bool
    """Whether the journal outside the database was begun: where there is none, it is lost."""


async def met(connection: Connection) -> Met:
    """Which server answers, and whether its tables went back."""
    row = await _MET.one(connection)
    server = None if row.timeline is None else Server(row.system, row.timeline)
    return Met(server, row.went_back)


async def read(connection: Connection) -> Origin | None:
    """What the tables know of themselves; None where a restoration has left nothing of it."""
    row = await _READ.first(connection)
    return None if row is None else Origin(**row)


async def went_back(connection: Connection) -> bool:
    """Whether the tables went back, and nobody has read the bus again since."""
    return (await met(connection)).went_back


async def keep(connection: Connection) -> None:
    """Note that the tables have not gone back until now. Nothing where they have."""
    await _KEEP.run(connection)


async def begin_journal(connection: Connection) -> None:
    """Note that the journal outside the database was begun."""
    await _BEGIN_JOURNAL.run(connection)


async def renew(connection: Connection) -> None:
    """Declare these tables the hub's own from now on."""
    await _RENEW.run(connection)
