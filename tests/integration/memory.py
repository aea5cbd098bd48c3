"""Read access to the hub's tables, as typed rows. This module and its neighbours hold all SQL of the tests."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from tenacity import retry, retry_if_exception_type, stop_after_attempt

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
"""Queries for everything that an event can change, by table."""

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
    """A quarantine entry about a message or an event."""

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
    """Details of the entry, in JSON."""
    job_id: UUID | None
    replayed_as: UUID | None


class Message(NamedTuple):
    """A message in the inbox."""

    id: UUID
    partner: str
    etat: str
    raw: bytes | None
    filename: bytes | None
    rows_done: int
    accepted: int
    rejections: str
    """Rejections of the message's rows, in JSON."""
    received_at: datetime
    held: bool


class Event(NamedTuple):
    """An event in the log."""

    id: UUID
    type: str
    source: str
    subject: UUID
    correlation: UUID
    trace: str | None
    payload: bytes


class Subject(NamedTuple):
    """A subject: a place, a referral, a candidacy…"""

    id: UUID
    nature: str
    etat: str
    donnees: str
    """The subject's data, in JSON."""
    menage: UUID | None
    due_in: timedelta | None


class Running(NamedTuple):
    """A running deadline."""

    subject: UUID
    kind: str
    stage: int
    next_in: timedelta | None


class Delivery(NamedTuple):
    """A delivery to a partner."""

    id: UUID
    partner: str
    subject: UUID
    event_id: UUID
    etat: str
    attempts: int
    error: str | None


class Lane(NamedTuple):
    """A lane: the deliveries to one partner about one subject."""

    partner: str
    subject: UUID
    pending: int
    due_in: timedelta
    """Time until the lane is due; negative once it is."""
    token: int


class Outcome(NamedTuple):
    """A remark about an event that was applied: its kind and its reason."""

    event_id: UUID
    kind: str
    reason: str


class Audited(NamedTuple):
    """An audit row: who did what."""

    actor: str
    action: str
    object: str
    detail: str
    """Details of the action, in JSON."""


class Memory:
    """Read access to the tables of one hub, on a connection of the test's own."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._where = settings
        self._own: asyncpg.Connection | None = None

    @retry(
        retry=retry_if_exception_type(asyncpg.DeadlockDetectedError), stop=stop_after_attempt(5), reraise=True
    )
    async def sql(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query. Only for this module and its neighbours; tests use named methods.

        The hub at work locks the same rows in another order. If PostgreSQL ends the statement for that, nothing was
        done, and it is tried again."""
        return list(await (await self.own()).fetch(query, *values))

    async def own(self) -> asyncpg.Connection:
        """Return this object's own connection, opened on first use."""
        if self._own is None or self._own.is_closed():
            self._own = await self.connect()
        return self._own

    async def connect(self) -> asyncpg.Connection:
        """Open a connection that finds the hub's tables. The caller must close it."""
        path = f"{self._where.schema_name},{self._where.keys_schema}"
        dsn = postgres_dsn(self._where)
        return await asyncpg.connect(dsn, connection_class=KnowsTypes, server_settings={"search_path": path})

    def disconnect(self) -> None:
        if self._own is not None:
            self._own.terminate()

    async def count(self, table: str) -> int:
        return int((await self.sql(f"SELECT count(*) FROM {table}"))[0][0])  # noqa: S608  our own name

    async def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return everything that an event can change, by table, for a comparison."""
        return {name: [tuple(row) for row in await self.sql(query)] for name, query in STATE.items()}

    async def as_text(self, table: str, *, but: str = "") -> str:
        """Return all rows of a table as text, without the column `but`."""
        query = f"SELECT to_jsonb(t) - $1::text FROM {table} t"  # noqa: S608  our own name
        return "\n".join(row[0] for row in await self.sql(query, but))

    async def everything(self) -> bytes:
        """Return all values of all tables as bytes: texts as UTF-8, binary columns as they are."""
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
        """Return the messages of all partners, or of one, oldest first."""
        query = _select(Message, "inbox", "partner = $1 OR $1 IS NULL", "received_at")
        return [Message(*row) for row in await self.sql(query, partner)]

    async def message(self, ident: UUID | str) -> Message:
        """Return the message with this id. Fails if there is none."""
        (found,) = [each for each in await self.messages() if str(each.id) == str(ident)]
        return found

    async def events(self, source: str | None = None, kind: str = "") -> list[Event]:
        """Return the events of the log in order, of one sender if given, and of types whose name contains `kind`."""
        said = "(source = $1 OR $1 IS NULL) AND strpos(type, $2) > 0"
        return [Event(*row) for row in await self.sql(_select(Event, "event", said, "seq"), source, kind)]

    async def backlog(self) -> list[UUID]:
        """Return the ids of pending events, in order."""
        return [row["event_id"] for row in await self.sql("SELECT event_id FROM outbox ORDER BY seq")]

    async def queued(self) -> list[UUID]:
        """Return the message id of each pending event, in order."""
        query = "SELECT correlation FROM outbox o JOIN event e ON e.id = o.event_id ORDER BY o.seq"
        return [row["correlation"] for row in await self.sql(query)]

    async def parked(self) -> list[UUID]:
        """Return the ids of pending events that wait behind an event in quarantine, in order."""
        query = "SELECT event_id FROM outbox WHERE shard = -1 ORDER BY seq"
        return [row["event_id"] for row in await self.sql(query)]

    # --- what became of it

    async def quarantined(self, *etats: str) -> list[Entry]:
        """Return the entries of the quarantine, oldest first; only those in one of these states, if any is given."""
        query = _select(Entry, "quarantine", "etat = ANY($1) OR cardinality($1) = 0", "created_at, id")
        return [Entry(*row) for row in await self.sql(query, etats)]

    async def outcomes(self, kind: str | None = None) -> list[Outcome]:
        """Return the remarks about events that were applied, of all kinds or of one."""
        query = _select(Outcome, "outcome", "kind = $1 OR $1 IS NULL", "at, event_id")
        return [Outcome(*row) for row in await self.sql(query, kind)]

    async def subjects(self, nature: str | None = None) -> list[Subject]:
        """Return all subjects, or those of one kind (`nature`)."""
        query = """SELECT id, nature, etat, donnees, menage, due_at - now() FROM subject
                   WHERE nature = $1 OR $1 IS NULL ORDER BY id"""
        return [Subject(*row) for row in await self.sql(query, nature)]

    async def deadlines(self, kind: str | None = None) -> list[Running]:
        """Return the running deadlines, of all kinds or of one."""
        query = """SELECT subject, kind, stage, next_at - now() FROM deadline
                   WHERE kind = $1 OR $1 IS NULL ORDER BY subject, kind"""
        return [Running(*row) for row in await self.sql(query, kind)]

    async def deliveries(self, partner: str | None = None) -> list[Delivery]:
        """Return the deliveries to all partners, or to one, oldest first."""
        query = _select(Delivery, "delivery", "partner = $1 OR $1 IS NULL", "seq")
        return [Delivery(*row) for row in await self.sql(query, partner)]

    async def sessions(self) -> list[bytes]:
        """Return the stored hashes of the console's session secrets."""
        return [bytes(row[0]) for row in await self.sql("SELECT secret FROM console_session")]

    async def told_of(self, code: str) -> set[str]:
        """Return the notices recorded as sent for alarms with this code, with their channel."""
        rows = await self.sql("SELECT unnest(told) AS notice FROM alarm WHERE code = $1", code)
        return {row["notice"] for row in rows}

    async def etats(self, partner: str | None = None) -> list[str]:
        """Return the states of the deliveries to all partners, or to one, oldest first."""
        return [delivery.etat for delivery in await self.deliveries(partner)]

    async def lanes(self, partner: str | None = None) -> list[Lane]:
        query = """SELECT partner, subject, pending, due_at - now(), token FROM lane
                   WHERE partner = $1 OR $1 IS NULL ORDER BY partner, subject"""
        return [Lane(*row) for row in await self.sql(query, partner)]

    async def audited(self, action: str | None = None, *, about: object = None) -> list[Audited]:
        """Return the audit rows, oldest first; only those of this action, or about this object, if given."""
        said = "(action = $1 OR $1 IS NULL) AND (object = $2 OR $2 IS NULL)"
        query = _select(Audited, "audit", said, "id")
        return [Audited(*row) for row in await self.sql(query, action, about and str(about))]

    async def last_beat(self, role: str) -> datetime:
        """Return the time of a role's latest heartbeat."""
        query = "SELECT max(beat_at) FROM heartbeat WHERE role = $1"
        at: datetime = (await self.sql(query, role))[0][0]
        return at

    async def sampled(self) -> set[str]:
        """Return the stages that the latest sample of the backlog has figures for."""
        (row,) = await self.sql(
            "SELECT ARRAY(SELECT jsonb_object_keys(piles)) FROM backlog_sample ORDER BY at DESC LIMIT 1"
        )
        return set(row[0])

    # --- keys, claims and leases

    async def keys(self) -> set[UUID]:
        """Return the holders whose keys exist: messages, households, referrals… whose data can be decrypted."""
        return {row["holder"] for row in await self.sql("SELECT holder FROM holder_key")}

    async def called(self, nature: str | None = None) -> list[UUID]:
        """Return the hub's ids that partners have ids of their own for, of all kinds or of one."""
        query = "SELECT id FROM crosswalk WHERE nature = $1 OR $1 IS NULL"
        return [row["id"] for row in await self.sql(query, nature)]

    async def claims(self, message: UUID | None = None) -> list[timedelta]:
        """Return the remaining time of each idempotency claim, or of this message's."""
        query = "SELECT expires_at - now() FROM idempotency_key WHERE message_id = $1 OR $1 IS NULL"
        return [row[0] for row in await self.sql(query, message)]

    async def waiting_for_locks(self) -> int:
        """Return the number of transactions that wait for a lock."""
        (row,) = await self.sql(
            "SELECT count(*) AS number FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
        return int(row["number"])

    async def leased(self) -> list[str]:
        """Return the names of the leases that are held."""
        return [row["name"] for row in await self.sql("SELECT name FROM lease WHERE until > now()")]

    async def holds(self, lease: str, holder: UUID) -> bool:
        """Return whether this process holds the lease."""
        return bool(await self.sql("SELECT 1 FROM lease WHERE name = $1 AND holder = $2", lease, holder))

    # --- who waits

    async def at_rest(self) -> bool:
        """Return whether every event is applied and every delivery that can be made is made."""
        return not await self.sql(UNDER_WAY)

    async def progress(self) -> tuple[Any, ...]:
        """Return a measure of the hub's progress, which changes while it works; empty if the database is down."""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return tuple(*await self.sql(PROGRESS))
        return ()

    async def blocked(self) -> bool:
        """Return whether a transaction on these tables waits for another one."""
        return bool(await self.sql(BLOCKED))

    async def waits_for(self, pid: int) -> bool:
        """Return whether a transaction waits for that of this PostgreSQL process."""
        query = "SELECT 1 FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))"
        return bool(await self.sql(query, pid))


async def pid_of(connection: Any) -> int:
    """Return the id of the PostgreSQL process that serves a connection."""
    return int((await connection.fetchrow("SELECT pg_backend_pid()"))[0])


def _select(row: Any, table: str, condition: str, order: str) -> str:
    columns = ", ".join(row._fields)
    return f"SELECT {columns} FROM {table} WHERE {condition} ORDER BY {order}"  # noqa: S608  our own names
