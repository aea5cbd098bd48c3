"""What the hub's tables say, as rows with names. Here and in the modules beside it stands the tests' SQL."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn
from router.store.known_types import KnowsTypes

STATE = {
    "event": "SELECT id, type, subject, payload FROM event ORDER BY id",
    "subject": "SELECT id, etat, version, donnees, menage FROM subject ORDER BY id",
    "delivery": "SELECT id, partner, subject, event_id, etat FROM delivery ORDER BY id",
    "outcome": "SELECT event_id, kind, reason FROM outcome ORDER BY event_id, kind",
    "quarantine": "SELECT id, etat, cause, event_id, subject FROM quarantine ORDER BY id",
    "outbox": "SELECT event_id FROM outbox ORDER BY event_id",
}
"""Everything that an event could change."""

BLOCKED = """
    SELECT 1 FROM pg_locks AS waits JOIN pg_locks AS holds USING (pid) JOIN pg_class ON pg_class.oid = holds.relation
    WHERE NOT waits.granted AND relnamespace = current_schema()::regnamespace
"""


PROGRESS = """
    SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM outbox), (SELECT sum(rows_done) FROM inbox),
           (SELECT count(*) FROM delivery WHERE settled_at IS NULL)
"""
UNDER_WAY = "SELECT 1 FROM outbox UNION ALL SELECT 1 FROM delivery WHERE etat IN ('en_attente', 'en_vol')"


class Entry(NamedTuple):
    """A message or an event in quarantine."""

    id: UUID
    etat: str
    cause: str
    fingerprint: str
    partner: str | None
    message_id: UUID | None
    event_id: UUID | None
    subject: UUID | None
    raw: bytes | None
    detail: str
    """As JSON."""
    job_id: UUID | None
    replayed_as: UUID | None


class Message(NamedTuple):
    """What a partner sent, in the inbox."""

    id: UUID
    partner: str
    etat: str
    raw: bytes | None
    filename: bytes | None
    rows_done: int
    accepted: int
    rejections: str
    """As JSON."""
    received_at: datetime
    held: bool


class Event(NamedTuple):
    """A line of the log."""

    id: UUID
    type: str
    source: str
    subject: UUID
    correlation: UUID
    trace: str | None
    payload: bytes


class Subject(NamedTuple):
    """Where a place, a referral or a candidacy stands."""

    id: UUID
    nature: str
    etat: str
    donnees: str
    """As JSON."""
    menage: UUID | None
    due_in: timedelta | None


class Running(NamedTuple):
    """A deadline that runs."""

    subject: UUID
    kind: str
    stage: int
    next_in: timedelta | None


class Delivery(NamedTuple):
    """What a partner is owed, or got."""

    id: UUID
    partner: str
    subject: UUID
    event_id: UUID
    etat: str
    attempts: int
    error: str | None


class Lane(NamedTuple):
    """The deliveries of one subject to one partner."""

    partner: str
    subject: UUID
    pending: int
    due_in: timedelta
    """Negative once it is due."""
    token: int


class Outcome(NamedTuple):
    """What is worth telling of an event that was applied."""

    event_id: UUID
    kind: str
    reason: str


class Audited(NamedTuple):
    """Who did what."""

    actor: str
    action: str
    object: str
    detail: str
    """As JSON."""


class Memory:
    """The tables of one hub, read by a connection of the test's own."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._where = settings
        self._own: asyncpg.Connection | None = None

    async def sql(self, query: str, *values: object) -> list[Any]:
        """Rows of a query. For this module and those beside it: a test asks by name."""
        return list(await (await self.own()).fetch(query, *values))

    async def own(self) -> asyncpg.Connection:
        """The connection of its own: opened by the first who asks."""
        if self._own is None or self._own.is_closed():
            self._own = await self.connect()
        return self._own

    async def connect(self) -> asyncpg.Connection:
        """A connection on the hub's tables; who asks for it closes it."""
        path = f"{self._where.schema_name},{self._where.keys_schema}"
        dsn = postgres_dsn(self._where)
        return await asyncpg.connect(dsn, connection_class=KnowsTypes, server_settings={"search_path": path})

    def disconnect(self) -> None:
        if self._own is not None:
            self._own.terminate()

    async def count(self, table: str) -> int:
        return int((await self.sql(f"SELECT count(*) FROM {table}"))[0][0])  # noqa: S608  our own name

    async def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that an event could change, to be compared."""
        return {name: [tuple(row) for row in await self.sql(query)] for name, query in STATE.items()}

    async def as_text(self, table: str, *, but: str = "") -> str:
        """All rows of a table, without one column."""
        query = f"SELECT to_jsonb(t) - $1::text FROM {table} t"  # noqa: S608  our own name
        return "\n".join(row[0] for row in await self.sql(query, but))

    async def everything(self) -> bytes:
        """All rows of all tables, as text and as the bytes that binary columns hold."""
        found: list[bytes] = []
        schemas = [self._where.schema_name, self._where.keys_schema]
        query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY($1)"
        for schema, table in await self.sql(query, schemas):
            for row in await self.sql(f'SELECT * FROM "{schema}"."{table}"'):  # noqa: S608  names of our own
                values = row.values()
                found += [value if isinstance(value, bytes) else str(value).encode() for value in values]
        return b"\n".join(found)

    # --- from the door to the log

    async def messages(self, partner: str | None = None) -> list[Message]:
        """What was sent, oldest first."""
        query = _select(Message, "inbox", "partner = $1 OR $1 IS NULL", "received_at")
        return [Message(*row) for row in await self.sql(query, partner)]

    async def message(self, ident: UUID | str) -> Message:
        """One that was sent."""
        (found,) = [each for each in await self.messages() if str(each.id) == str(ident)]
        return found

    async def events(self, source: str | None = None, kind: str = "") -> list[Event]:
        """The log, in order; of one sender, and of the types whose name contains `kind`."""
        said = "(source = $1 OR $1 IS NULL) AND strpos(type, $2) > 0"
        return [Event(*row) for row in await self.sql(_select(Event, "event", said, "seq"), source, kind)]

    async def backlog(self) -> list[UUID]:
        """Events that are accepted and not yet applied, in order."""
        return [row["event_id"] for row in await self.sql("SELECT event_id FROM outbox ORDER BY seq")]

    async def queued(self) -> list[UUID]:
        """Messages of these events, in order, each as often as it has events there."""
        query = "SELECT correlation FROM outbox o JOIN event e ON e.id = o.event_id ORDER BY o.seq"
        return [row["correlation"] for row in await self.sql(query)]

    async def parked(self) -> list[UUID]:
        """Those among them that wait behind an event in quarantine, in order."""
        query = "SELECT event_id FROM outbox WHERE shard = -1 ORDER BY seq"
        return [row["event_id"] for row in await self.sql(query)]

    # --- what became of it

    async def quarantined(self, *etats: str) -> list[Entry]:
        """Entries of the quarantine, oldest first; only those in one of these states, if any is named."""
        query = _select(Entry, "quarantine", "etat = ANY($1) OR cardinality($1) = 0", "created_at, id")
        return [Entry(*row) for row in await self.sql(query, etats)]

    async def outcomes(self, kind: str | None = None) -> list[Outcome]:
        """What is told of events that were applied."""
        query = _select(Outcome, "outcome", "kind = $1 OR $1 IS NULL", "at, event_id")
        return [Outcome(*row) for row in await self.sql(query, kind)]

    async def subjects(self, nature: str | None = None) -> list[Subject]:
        """Places, referrals and candidacies."""
        query = """SELECT id, nature, etat, donnees, menage, due_at - now() FROM subject
                   WHERE nature = $1 OR $1 IS NULL ORDER BY id"""
        return [Subject(*row) for row in await self.sql(query, nature)]

    async def deadlines(self, kind: str | None = None) -> list[Running]:
        """Deadlines that run, of all kinds or one."""
        query = """SELECT subject, kind, stage, next_at - now() FROM deadline
                   WHERE kind = $1 OR $1 IS NULL ORDER BY subject, kind"""
        return [Running(*row) for row in await self.sql(query, kind)]

    async def deliveries(self, partner: str | None = None) -> list[Delivery]:
        """What partners are owed or got, oldest first."""
        query = _select(Delivery, "delivery", "partner = $1 OR $1 IS NULL", "seq")
        return [Delivery(*row) for row in await self.sql(query, partner)]

    async def sessions(self) -> list[bytes]:
        """What is kept of who is logged in to the console."""
        return [bytes(row[0]) for row in await self.sql("SELECT secret FROM console_session")]

    async def told_of(self, code: str) -> set[str]:
        """Which notices of alarms of this code are on record as sent, on which channel."""
        rows = await self.sql("SELECT unnest(told) AS notice FROM alarm WHERE code = $1", code)
        return {row["notice"] for row in rows}

    async def etats(self, partner: str | None = None) -> list[str]:
        """States of these deliveries, oldest first."""
        return [delivery.etat for delivery in await self.deliveries(partner)]

    async def lanes(self, partner: str | None = None) -> list[Lane]:
        query = """SELECT partner, subject, pending, due_at - now(), token FROM lane
                   WHERE partner = $1 OR $1 IS NULL ORDER BY partner, subject"""
        return [Lane(*row) for row in await self.sql(query, partner)]

    async def audited(self, action: str | None = None, *, about: object = None) -> list[Audited]:
        """What was done, or who did this; to anything, or to this; oldest first."""
        said = "(action = $1 OR $1 IS NULL) AND (object = $2 OR $2 IS NULL)"
        query = _select(Audited, "audit", said, "id")
        return [Audited(*row) for row in await self.sql(query, action, about and str(about))]

    async def last_beat(self, role: str) -> datetime:
        """When a role last said that it lives."""
        query = "SELECT max(beat_at) FROM heartbeat WHERE role = $1"
        at: datetime = (await self.sql(query, role))[0][0]
        return at

    async def sampled(self) -> set[str]:
        """The stages of which the last sample says how much waits."""
        (row,) = await self.sql(
            "SELECT ARRAY(SELECT jsonb_object_keys(piles)) FROM backlog_sample ORDER BY at DESC LIMIT 1"
        )
        return set(row[0])

    # --- keys, claims and leases

    async def keys(self) -> set[UUID]:
        """Messages, households and referrals that can still be read."""
        return {row["holder"] for row in await self.sql("SELECT holder FROM holder_key")}

    async def called(self, nature: str | None = None) -> list[UUID]:
        """What partners have a name of their own for."""
        query = "SELECT id FROM crosswalk WHERE nature = $1 OR $1 IS NULL"
        return [row["id"] for row in await self.sql(query, nature)]

    async def claims(self, message: UUID | None = None) -> list[timedelta]:
        """How long each idempotency key is still claimed; by anybody, or by this message."""
        query = "SELECT expires_at - now() FROM idempotency_key WHERE message_id = $1 OR $1 IS NULL"
        return [row[0] for row in await self.sql(query, message)]

    async def waiting_for_locks(self) -> int:
        """Transactions that wait for another one to end."""
        (row,) = await self.sql(
            "SELECT count(*) AS number FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
        return int(row["number"])

    async def leased(self) -> list[str]:
        """Names of the leases that somebody holds."""
        return [row["name"] for row in await self.sql("SELECT name FROM lease WHERE until > now()")]

    async def holds(self, lease: str, holder: UUID) -> bool:
        """Whether this process holds a lease."""
        return bool(await self.sql("SELECT 1 FROM lease WHERE name = $1 AND holder = $2", lease, holder))

    # --- who waits

    async def at_rest(self) -> bool:
        """Whether every event is applied and every delivery that can be made is made."""
        return not await self.sql(UNDER_WAY)

    async def progress(self) -> tuple[Any, ...]:
        """How far the hub has come; this changes as long as it is at work. Nothing where the database is away."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return tuple(*await self.sql(PROGRESS))
        return ()

    async def blocked(self) -> bool:
        """Whether a transaction on these tables waits for another one."""
        return bool(await self.sql(BLOCKED))

    async def waits_for(self, pid: int) -> bool:
        """Whether somebody waits for the transaction of this PostgreSQL process."""
        query = "SELECT 1 FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))"
        return bool(await self.sql(query, pid))


async def pid_of(connection: Any) -> int:
    """The PostgreSQL process that serves a connection."""
    return int((await connection.fetchrow("SELECT pg_backend_pid()"))[0])


def _select(row: Any, table: str, condition: str, order: str) -> str:
    columns = ", ".join(row._fields)
    return f"SELECT {columns} FROM {table} WHERE {condition} ORDER BY {order}"  # noqa: S608  our own names
