"""Store the heartbeats of processes, and the last known state of each partner's deliveries and source."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple, Protocol, Self
from uuid import UUID

from pydantic_core import to_json

from contracts.unknown_keys import UnknownKeys
from router.store.leases import KEPT
from router.store.sql import Connection, Row, Sql
from router.store.undone import QUESTIONS


@cache
def _beat(asked: tuple[str, ...]) -> Sql:
    answers = "".join(f", {QUESTIONS[name]} AS {name}" for name in asked)
    return Sql(f"""
    WITH roles AS (
        SELECT * FROM unnest(CAST(:roles AS text[]), CAST(:attend AS text[])) AS r(role, attend)
    ), gone AS (
        DELETE FROM heartbeat WHERE beat_at < now() - interval '1 day'
    ), beaten AS (
        INSERT INTO heartbeat (process, role, host, pid, birth, version, attend, started_at,
                               unknown_keys, unknown_since, unknown_last, unknown_address)
        SELECT :process, role, :host, :pid, :birth, :version, attend, :started_at,
               :unknown_keys, :unknown_since, :unknown_last, :unknown_address FROM roles
        ON CONFLICT (process, role) DO UPDATE
        SET attend = excluded.attend, beat_at = now(), unknown_keys = excluded.unknown_keys,
            unknown_since = excluded.unknown_since, unknown_last = excluded.unknown_last,
            unknown_address = excluded.unknown_address
    ), kept AS ({KEPT})
    SELECT ARRAY(SELECT name FROM kept) AS kept{answers}
    """)


_STOP = Sql("DELETE FROM heartbeat WHERE process = :process")
_BIRTHS = Sql(
    "SELECT DISTINCT process, birth FROM heartbeat WHERE birth IS NOT NULL AND role = ANY(CAST(:roles AS text[]))"
)
# The heartbeats are locked first, so that only one process does this.
_INHERIT = Sql("""
    WITH dead AS (
        SELECT process FROM heartbeat WHERE process = ANY(CAST(:dead AS uuid[])) ORDER BY process, role FOR UPDATE
    ), gone AS (
        DELETE FROM heartbeat WHERE process IN (SELECT process FROM dead) RETURNING process
    ), unleased AS (
        UPDATE lease SET until = now() WHERE holder IN (SELECT process FROM gone) AND until > now() RETURNING name
    ), held AS (
        SELECT lane.partner, lane.subject, p.rest
        FROM unnest(CAST(:partners AS text[]), CAST(:rests AS float8[])) AS p(partner, rest)
        CROSS JOIN (VALUES (false), (true)) AS kind(bulk)
        CROSS JOIN LATERAL (
            SELECT l.partner, l.subject FROM lane l
            WHERE l.partner = p.partner AND l.bulk = kind.bulk AND l.pending > 0 AND l.due_at > now()
            ORDER BY l.due_at
        ) AS lane ORDER BY 1, 2
    ), freed AS (
        UPDATE lane SET due_at = least(due_at, now() + make_interval(secs => held.rest))
        FROM held WHERE lane.partner = held.partner AND lane.subject = held.subject
          AND lane.held_by IN (SELECT process || ' ' || lane.token FROM gone)
          AND lane.rested IS DISTINCT FROM lane.token
        RETURNING lane.subject
    )
    SELECT (SELECT count(*) FROM unleased) AS leases, (SELECT count(*) FROM freed) AS lanes
""")
_READ = Sql(r"""
    SELECT role, host, pid, version, attend, started_at, now() - beat_at AS age, unknown_keys, unknown_since,
           unknown_last, unknown_address, substring(birth FROM '^\S+ \S+') AS boot
    FROM heartbeat
    ORDER BY role, started_at
""")
_FOUND = Sql("""
    INSERT INTO contact AS c (partner, etat, cause, failures, since, next_try_at, seen_at, succeeded_at, refused_types)
    SELECT p, e, w, f, s, n, a, ok, CAST(r AS jsonb)
    FROM unnest(CAST(:partners AS text[]), CAST(:etats AS text[]), CAST(:causes AS text[]),
                CAST(:failures AS int[]), CAST(:sinces AS timestamptz[]), CAST(:nexts AS timestamptz[]),
                CAST(:seens AS timestamptz[]), CAST(:succeededs AS timestamptz[]), CAST(:refused AS text[]))
         AS news(p, e, w, f, s, n, a, ok, r)
    ON CONFLICT (partner) DO UPDATE SET
        seen_at = excluded.seen_at, succeeded_at = COALESCE(excluded.succeeded_at, c.succeeded_at),
        cause = excluded.cause, failures = excluded.failures, next_try_at = excluded.next_try_at,
        refused_types = jsonb_strip_nulls(c.refused_types || excluded.refused_types),
        since = CASE WHEN c.etat IS NOT DISTINCT FROM excluded.etat THEN COALESCE(c.since, excluded.since)
                     ELSE excluded.since END,
        etat = excluded.etat
""")
_READINGS = Sql("""
    INSERT INTO reading AS r (partner, seen_at, succeeded_at, failing_since, failures, cause)
    SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:seens AS timestamptz[]), CAST(:succeededs AS timestamptz[]),
                         CAST(:sinces AS timestamptz[]), CAST(:failures AS int[]), CAST(:causes AS text[]))
    ON CONFLICT (partner) DO UPDATE SET
        seen_at = excluded.seen_at, failures = excluded.failures, cause = excluded.cause,
        succeeded_at = COALESCE(excluded.succeeded_at, r.succeeded_at),
        failing_since = CASE WHEN excluded.failing_since IS NOT NULL
                             THEN COALESCE(r.failing_since, excluded.failing_since) END
""")
_POLLED = Sql("""
    INSERT INTO contact (partner, polled_at)
    SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:ats AS timestamptz[]))
    ON CONFLICT (partner) DO UPDATE SET polled_at = greatest(contact.polled_at, excluded.polled_at)
""")
_ASKED = Sql("SELECT partner FROM contact WHERE asked_at > now() - interval '30 seconds'")


class Process(NamedTuple):
    """Process of the hub, as its heartbeats describe it."""

    id: UUID
    host: str
    pid: int
    version: str
    started_at: datetime
    identity: str | None = None
    """Text that tells the process from a later one with the same pid (`router.process.os_process`). None if
    unknown."""


class PartnerNews(Protocol):
    """Facts about one partner, which a process stores with its next heartbeat: its contact, or the reading of
    its source."""

    @property
    def partner(self) -> str:
        """Return the partner's id."""

    def after(self, earlier: Self) -> Self:
        """Return the news to store in place of `earlier`, which could not be stored, and of this newer news."""


class ContactNews(NamedTuple):
    """Contact of a partner, which a process stores with its next heartbeat. `cause` says in French, without
    personal values, why the last attempt failed; None if it succeeded."""

    partner: str
    etat: str
    cause: str | None
    failures: int
    since: datetime
    next_try_at: datetime | None
    seen_at: datetime
    """End of the last attempt."""
    succeeded_at: datetime | None
    """Last successful delivery by this process, if any."""
    refused_types: Mapping[str, datetime | None]
    """What the partner's last responses to this process say of message types: the first refusal of a type that it
    refuses; None for a type that it accepts. Types without a response since the last news are left out, because
    another process may know better."""

    def after(self, earlier: Self) -> Self:
        """Return this news, with what `earlier`, which could not be stored, says of further types."""
        return self._replace(refused_types={**earlier.refused_types, **self.refused_types})


class Read(NamedTuple):
    """Result of the last looks at a partner's source, which a process stores with its next heartbeat. `cause`
    says in French, without personal values, why the last look failed. It is None whenever `failing_since` is.
    """

    partner: str
    seen_at: datetime
    succeeded_at: datetime | None
    """Last look that read the source completely, if any."""
    failing_since: datetime | None
    """First failure since the last success. None if the last look succeeded, or if the present look has
    settled a message."""
    failures: int
    cause: str | None

    def after(self, earlier: Self) -> Self:
        """Return this news, which says all that `earlier` says."""
        return self


class Beat(NamedTuple):
    """Heartbeat of a process, to be sent to the database."""

    process: Process
    roles: Sequence[tuple[str, str | None]]
    """Roles, each with the reason, in French, why it cannot work, or None if it can."""
    unknown_keys: UnknownKeys
    leases: Sequence[str]
    """Leases to renew."""
    lease_s: float
    asks: tuple[str, ...]
    """Kinds of work about which the process asks whether there is any (module `undone`)."""


class Answered(NamedTuple):
    """Answer to a heartbeat: the leases that the process keeps, and whether there is work for it."""

    kept: frozenset[str]
    """Leases that were renewed. The process has lost its other leases."""
    answers: Mapping[str, object]


async def beat(connection: Connection, sent: Beat) -> Answered:
    """Store the heartbeat of a process, renew its leases, and find out whether there is work for the process
    (`sent.asks`), in one statement."""
    process = sent.process
    row = await _beat(sent.asks).one(
        connection,
        process=process.id,
        host=process.host,
        pid=process.pid,
        birth=process.identity,
        version=process.version,
        started_at=process.started_at,
        roles=[role for role, _ in sent.roles],
        attend=[waits for _, waits in sent.roles],
        unknown_keys=sent.unknown_keys.number,
        unknown_since=sent.unknown_keys.since,
        unknown_last=sent.unknown_keys.last,
        unknown_address=sent.unknown_keys.address,
        leases=sent.leases,
        lease_s=sent.lease_s,
    )
    return Answered(frozenset(row.kept), {name: row[name] for name in sent.asks})


async def stop(connection: Connection, process: UUID) -> None:
    """Delete the heartbeats of a process that ends normally."""
    await _STOP.run(connection, process=process)


async def identities(connection: Connection, roles: Iterable[str]) -> Mapping[UUID, str]:
    """Return the identity of each process that has one of these roles and has not ended normally, by the hub's id
    of the process. An identity is a text that tells a process from a later one with the same number (pid).
    Processes whose identity is unknown are left out."""
    return {row.process: row.birth for row in await _BIRTHS.all(connection, roles=list(roles))}


async def inherit(
    connection: Connection, dead: Sequence[UUID], rests: Mapping[str, float]
) -> tuple[int, int]:
    """Clear up after dead processes: delete their heartbeats, end their leases, and free the lanes that they
    held for the partners in `rests`. A freed lane may be claimed again after as many seconds as `rests` has for
    its partner. Return two numbers: the leases ended, and the lanes freed."""
    row = await _INHERIT.one(connection, dead=list(dead), partners=list(rests), rests=list(rests.values()))
    return row.leases, row.lanes


async def read(connection: Connection) -> Sequence[Row]:
    """Return the last heartbeat of each role of each process, and its age by PostgreSQL's clock. A heartbeat is
    deleted after one day."""
    return await _READ.all(connection)


async def note_contacts(connection: Connection, news: Sequence[ContactNews]) -> None:
    """Store whether these partners can be reached. While a partner stays in the same state, the moment at which
    this state began is kept."""
    await _FOUND.run(
        connection,
        partners=[n.partner for n in news],
        etats=[n.etat for n in news],
        causes=[n.cause for n in news],
        failures=[n.failures for n in news],
        sinces=[n.since for n in news],
        nexts=[n.next_try_at for n in news],
        seens=[n.seen_at for n in news],
        succeededs=[n.succeeded_at for n in news],
        refused=[to_json(n.refused_types).decode() for n in news],
    )


async def note_readings(connection: Connection, news: Sequence[Read]) -> None:
    """Store whether these partners' sources can be read. While a source fails, the time of its first
    failure is kept."""
    await _READINGS.run(
        connection,
        partners=[n.partner for n in news],
        seens=[n.seen_at for n in news],
        succeededs=[n.succeeded_at for n in news],
        sinces=[n.failing_since for n in news],
        failures=[n.failures for n in news],
        causes=[n.cause for n in news],
    )


async def note_polls(connection: Connection, polls: Sequence[tuple[str, datetime]]) -> None:
    """Store when each of these partners last looked into its mailbox."""
    await _POLLED.run(connection, partners=[p for p, _ in polls], ats=[at for _, at in polls])


async def asked(connection: Connection) -> list[str]:
    """Return the partners for which an operator requested a new attempt to deliver within the last 30
    seconds."""
    return await _ASKED.column(connection)
