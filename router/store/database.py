"""Connect to PostgreSQL: a pool of connections, transactions that raise the hub's own errors, and
notifications (LISTEN and NOTIFY)."""

import asyncio
import math
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
from pydantic_core import from_json

from contracts.errors import BusUnavailable, DatabaseUnusable, HubError, Misconfigured
from router.domain.vitals import Answer
from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsns, postgres_ssl
from router.store import origin
from router.store.at_hand import AtHand
from router.store.known_types import KnowsTypes
from router.store.origin import Server
from router.store.servers import FAILURES, NotThePrimary, OldPrimary, connect, must_accept_writes
from router.store.sql import Connection, Row, Sql
from router.telemetry.outage import Nobody, Witness

__all__ = [
    "Database", "Connection", "Row", "is_transient", "AWAY", "POSTGRES_ERRORS",
    "OUTBOX", "LANES", "REGISTRY", "KEYS", "BULK", "JOBS", "AUDIT", "TRIES", "DEADLINES", "BACKLOG", "WATCH",
]  # fmt: skip

BUSY_SQLSTATES = ("40", "55P03")
"""Beginnings of the SQLSTATEs (PostgreSQL's error codes) after which the same transaction may be repeated at
once: another transaction was in its way."""
RETRYABLE_SQLSTATES = ("08", "25006", "25P03", "25P04", "40", "53", "55P03", "57", "58")
"""Beginnings of the SQLSTATEs (PostgreSQL's error codes) after which a later attempt may succeed: connection,
read-only, time-outs, rollback, resources, locks, operator intervention, system errors."""
READ_ONLY_SQLSTATES = ("25006", "57P01", "57P02", "57P03")
"""SQLSTATEs of a server that accepts no writes: a standby, or one that is stopping or starting."""
POSTGRES_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError)
"""Errors of PostgreSQL and its driver, without those of the network."""
AWAY = (BusUnavailable, DatabaseUnusable)
"""Errors whose cause is outside the hub: wait and try again."""
ABSENT = (
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InsufficientPrivilegeError,
)
"""Errors raised when the database is of another version of the hub, or when the account lacks rights."""
UNWRITABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
"""Errors about a text with a NUL character, which PostgreSQL cannot store."""
UNKNOWN_NAME = (
    "le nom du serveur PostgreSQL est inconnu (SIAO_HUB_DATABASE__URL ; un caractère spécial du mot de passe s'y écrit "
    "en %, comme %40 pour @)"
)
FULL = "PostgreSQL n'a plus de place, de mémoire ou de connexions"
WENT_BACK = "base basculée ou restaurée : le bus est relu d'abord"
WAIT_SECONDS = 5.0
STATEMENT_SECONDS = 60.0
PROBE_SECONDS = 2.0
FULL_SECONDS = 300.0
"""Seconds for which a server counts as full after it refused a write because its disk is full. No query tells
that the disk is full, and an alarm must not end between two writes."""
FROZEN_SECONDS = 15
LISTENER_SECONDS = 60.0
"""Seconds without a notification after which a listener checks whether the server still answers."""

OUTBOX, LANES, REGISTRY, KEYS, BULK, JOBS, AUDIT, TRIES = (
    "outbox",
    "lanes",
    "registry",
    "keys",
    "bulk",
    "jobs",
    "audit",
    "tries",
)
"""PostgreSQL's notification channels (LISTEN and NOTIFY), named after the rows that are new or changed."""
DEADLINES, BACKLOG, WATCH = "deadlines", "backlog", "watch"
"""Further signals, which the heartbeat gives: a deadline is due, the backlog is large, there is work to
watch."""

_TAKES_WRITES = Sql("""
    SELECT CASE WHEN current_setting('transaction_read_only') <> 'off' THEN 'lecture seule' WHEN EXISTS (
        SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query_start < now() - interval '5 seconds'
    ) THEN 'attend' ELSE 'ok' END AS answer
""")
_NOTIFY = Sql("SELECT pg_notify(:channel, '')")


class Database:
    """Pool of connections to PostgreSQL. A block of `transaction()` or `statement()` that ends without an error
    is committed. If a block raises BusUnavailable (here: PostgreSQL does not answer or is too busy) or
    DatabaseUnusable, the caller may try again later."""

    def __init__(self, settings: DatabaseSettings, outage: Witness | None = None) -> None:
        self.settings = settings
        self._addresses = postgres_dsns(settings)
        self._pool: AtHand | None = None
        self._opening = asyncio.Lock()
        self._outage = outage or Nobody()
        self._server: Server | None = None
        """Latest known server that accepts our writes; None before one has answered."""
        self._listener_lost = asyncio.Event()
        self._full_at = -math.inf
        self.replaced = 0
        """Number of times that the tables of a standby or of a backup took the place of the earlier tables. The
        new tables may lack the last commits."""
        self.went_back = False
        """Whether the tables went back to an earlier moment, and nobody has read the bus again since. The hub
        finds this out when it opens a connection, so before it writes anything to such tables."""
        self._when_replaced: list[Callable[[], None]] = []

    async def _connections(self) -> AtHand:
        async with self._opening:
            if self._pool is None:
                pool = await asyncpg.create_pool(
                    connect=self._connect,
                    min_size=0,
                    max_size=self.settings.pool_size,
                    ssl=postgres_ssl(self.settings),
                    timeout=WAIT_SECONDS,
                    command_timeout=STATEMENT_SECONDS,
                    record_class=Row,
                    connection_class=KnowsTypes,
                    init=self._meet,
                    reset=_left_as_found,
                    server_settings={
                        "search_path": f"{self.settings.schema_name},{self.settings.keys_schema}",
                        "application_name": "siao-hub",
                        "jit": "off",
                        # Releases the locks of a frozen process.
                        "idle_in_transaction_session_timeout": f"{FROZEN_SECONDS}s",
                    },
                )
                self._pool = AtHand(pool)
        return self._pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Run the block in a transaction. Raises BusUnavailable if the database cannot be reached or is too busy,
        or if nobody knows whether the transaction committed. Raises DatabaseUnusable if the database refuses the
        hub or lacks the tables."""
        async with self.statement() as connection, connection.transaction():
            yield connection

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """Run the block with a connection that commits each statement by itself. This takes one round trip
        instead of the three of `transaction`. Raises the same errors as `transaction`."""
        try:
            pool = self._pool or await self._connections()
            connection, broken, renewals = await pool.take(WAIT_SECONDS), True, pool.renewals
            try:
                yield connection
                broken = False
            finally:
                await pool.put_back(connection, broken=broken or renewals != pool.renewals)
        except NotThePrimary as exc:
            self._outage.failed(str(exc))
            raise
        except (OSError, *POSTGRES_ERRORS, asyncpg.InternalClientError) as exc:
            error = decided(exc)
            if error is None:
                raise
            if isinstance(exc, asyncpg.DiskFullError):
                self._full_at = time.monotonic()
            if not _is_busy(exc):
                self._outage.failed(str(error))
            raise error from exc
        self._outage.succeeded()

    async def _connect(self, *_: Any, **options: Any) -> Connection:
        return await connect(self._addresses, self._server, **options)

    async def _meet(self, connection: Connection) -> None:
        met = await origin.met(connection)
        await self.written_by(must_accept_writes(met.server, self._server))
        if met.went_back and not self.went_back:
            self._others_took_their_place()
        self.went_back = met.went_back
        await _prepare(connection)

    def call_when_replaced(self, call: Callable[[], None]) -> None:
        """Register `call`, which is called each time the tables of a standby or a restored backup have taken the place
        of the former tables. The new tables may lack what was read from the former ones. The call comes before
        anything is written to the new tables."""
        self._when_replaced.append(call)

    def _others_took_their_place(self) -> None:
        self.replaced += 1
        for call in self._when_replaced:
            call()

    @property
    def tables(self) -> str:
        """Return the id of the database whose tables this process uses: the cluster of the PostgreSQL
        primary, and its timeline (a number that grows when a standby takes over). The id is empty before the
        first connection."""
        return "" if self._server is None else f"{self._server.system}.{self._server.timeline}"

    async def written_by(self, server: Server) -> None:
        """Record that `server` is the primary, and open all connections anew if another server was recorded. Do
        nothing if `server` is a former primary that the recorded server has replaced."""
        before, self._server = self._server, server
        if before is None or before == server:
            return
        if server.is_older_than(before):
            self._server = before
            return
        self._others_took_their_place()
        if self._pool is not None:
            await self._pool.renew()
            self._listener_lost.set()

    @property
    def is_full(self) -> bool:
        """Tell whether the server has lately refused a write of this process because its disk is full."""
        return time.monotonic() < self._full_at + FULL_SECONDS

    async def is_whole(self) -> bool:
        """Tell whether the tables have all events that are on Kafka. After a restore or a failover, the
        tables may lack events until Kafka is read again."""
        if self.went_back:
            async with self.statement() as connection:
                self.went_back = await origin.went_back(connection)
        return not self.went_back

    async def must_be_whole(self) -> None:
        """Raise BusUnavailable while the tables may lack events that are on Kafka. Call this while a connection
        is open: opening a connection shows whether the database went back."""
        if not await self.is_whole():
            raise BusUnavailable(WENT_BACK)

    async def takes_writes(self) -> Answer:
        """Ask the server whether it accepts writes. Return `OK`, `LECTURE_SEULE` if the server is read-only, or
        `ATTEND` if commits wait for a synchronous replica. Raises BusUnavailable if the server cannot be reached."""
        async with self.statement() as connection:
            return Answer((await _TAKES_WRITES.one(connection)).answer)

    async def answers(self) -> bool:
        """Tell whether the server says now that it accepts writes. Return False if it does not answer within
        `PROBE_SECONDS`."""
        return await self._said_now() is Answer.OK

    async def probe(self) -> Answer:
        """Return the state of the server: `OK`, or what is wrong. For a server that accepts writes, but whose
        disk was full lately (`is_full`), return `PLEIN`. No error is raised if the server cannot be reached,
        or does not answer within `PROBE_SECONDS`."""
        answer = await self._said_now()
        return Answer.PLEIN if answer is Answer.OK and self.is_full else answer

    async def _said_now(self) -> Answer:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return await self.takes_writes()
        except TimeoutError:
            return Answer.MUET
        except OldPrimary:
            return Answer.ANCIENNE
        except NotThePrimary:
            return Answer.LECTURE_SEULE
        except AWAY as exc:
            return answer_of(exc.__cause__)

    def channel(self, name: str) -> str:
        """Return the full name of the notification channel `name`. Each installation in the same database has a
        channel of its own."""
        return f"{self.settings.schema_name}_{name}"

    async def notify(self, connection: Connection, name: str) -> None:
        """Notify the listeners of the channel `name` when the transaction commits."""
        await _NOTIFY.run(connection, channel=self.channel(name))

    async def listen(self, wake: Mapping[str, Callable[[], None]]) -> None:
        """Call `wake[name]` for each notification on the channel `name`, until cancelled. After each new
        connection, call every function in `wake`, because notifications may have been missed. A lost connection
        is opened again."""
        while True:
            try:
                connection = await self._connect(
                    ssl=postgres_ssl(self.settings), timeout=WAIT_SECONDS, command_timeout=WAIT_SECONDS
                )
            except (*FAILURES, Misconfigured):
                await asyncio.sleep(1)
                continue
            lost = self._listener_lost = asyncio.Event()
            connection.add_termination_listener(lambda _, lost=lost: lost.set())
            try:
                for name, call in wake.items():
                    await connection.add_listener(self.channel(name), lambda *_, call=call: call())
                for call in wake.values():
                    call()
                while not lost.is_set():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(lost.wait(), LISTENER_SECONDS)
                    if not lost.is_set():
                        await connection.execute("SELECT 1", timeout=WAIT_SECONDS)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(1)
            finally:
                connection.terminate()

    async def close(self) -> None:
        """Close all connections."""
        if self._pool is not None:
            await self._pool.close()


def decided(exc: Exception) -> HubError | None:
    """Return the hub's own error for `exc` if PostgreSQL cannot be reached or used. Return None if the server
    is in order, and the statement or its data is wrong."""
    if isinstance(exc, socket.gaierror):
        return BusUnavailable(UNKNOWN_NAME)
    if isinstance(exc, ssl.SSLError):
        return DatabaseUnusable(f"PostgreSQL : son certificat n'est pas reconnu ({type(exc).__name__})")
    if _is_busy(exc):
        return BusUnavailable("deux transactions de PostgreSQL se sont gênées : l'une des deux recommence")
    if isinstance(exc, OSError | asyncpg.InternalClientError):
        return BusUnavailable("PostgreSQL ne répond pas")
    if isinstance(exc, asyncpg.InvalidAuthorizationSpecificationError):
        return DatabaseUnusable("PostgreSQL refuse l'utilisateur ou le mot de passe")
    if isinstance(exc, asyncpg.InvalidCatalogNameError):
        return DatabaseUnusable("PostgreSQL n'a pas de base de ce nom (SIAO_HUB_DATABASE__URL)")
    if isinstance(exc, ABSENT):
        return DatabaseUnusable(
            "tables, colonnes ou droits absents : « siao-hub migrate », puis les droits (« python -m deploy.postgres »)"
        )
    if answer_of(exc) is Answer.PLEIN:
        return BusUnavailable(FULL)
    return BusUnavailable("PostgreSQL ne répond pas") if is_transient(exc) else None


def _is_busy(exc: Exception) -> bool:
    state: Any = getattr(exc, "sqlstate", None)
    return isinstance(state, str) and state.startswith(BUSY_SQLSTATES)


def is_transient(exc: BaseException) -> bool:
    """Tell whether the statement that raised `exc` may succeed later. This is so after errors of connections,
    locks, resources, start, shutdown or migration."""
    if isinstance(exc, asyncpg.InvalidCachedStatementError):
        return True
    state: Any = getattr(exc, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(RETRYABLE_SQLSTATES)
    return isinstance(exc, asyncpg.InterfaceError) and not isinstance(
        exc, ValueError
    )  # a ValueError means bad input, not an outage


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=from_json)


async def _left_as_found(_: Connection) -> None:
    """Do nothing when a connection goes back to the pool. The usual reset would cost a round trip."""


def answer_of(cause: BaseException | None) -> Answer:
    """Return the state of the server that an error of PostgreSQL's driver reveals. Return `MUET` if the error
    reveals no state."""
    state: Any = getattr(cause, "sqlstate", None) or ""
    match cause:
        case (
            ssl.SSLError()
            | asyncpg.InvalidAuthorizationSpecificationError()
            | asyncpg.InvalidCatalogNameError()
            | asyncpg.InsufficientPrivilegeError()
        ):
            return Answer.REFUSE
        case OSError() if not isinstance(cause, TimeoutError):
            return Answer.ABSENT
        case _ if isinstance(cause, ABSENT):
            return Answer.VIDE
        case _ if state in READ_ONLY_SQLSTATES:
            return Answer.LECTURE_SEULE
        case _ if state.startswith("53"):
            return Answer.PLEIN
    return Answer.MUET
