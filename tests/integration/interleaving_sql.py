"""The hub's SQL statements, each with a gate before it, and PostgreSQL's answer to who waits for whom."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from pydantic_core import from_json

from router.settings import DatabaseSettings
from router.settings.lines import postgres_dsn
from router.store.database import Database, Row
from tests.integration.interleaving_gates import Kind, Process

_WAITS = """
    SELECT pid, blockers FROM unnest(CAST($1 AS int[])) AS p(pid), pg_blocking_pids(pid) AS blockers
    WHERE blockers && CAST($1 AS int[]) OR blockers && CAST($2 AS int[])
"""


class Connections:
    """Real connections, passed on from one transaction to the next."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._dsn = postgres_dsn(settings)
        self._path = f"{settings.schema_name}, {settings.keys_schema}, pg_catalog"
        self._idle: list[Any] = []
        self._all: list[Any] = []

    async def take(self) -> Any:
        """Return an unused connection, a new one if need be."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        tuning = {"search_path": self._path, "jit": "off", "synchronous_commit": "off"}
        connection = await asyncpg.connect(self._dsn, record_class=Row, server_settings=tuning)
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=from_json)
        self._all.append(connection)
        return connection

    def give_back(self, connection: Any) -> None:
        """Make a connection available again."""
        self._idle.append(connection)

    def __enter__(self) -> "Connections":
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._all:
            connection.terminate()


class SteppedDatabase(Database):
    """The database of one simulated process. Transactions are the hub's own; connections stop at gates."""

    def __init__(self, settings: DatabaseSettings, connections: Connections, process: Process) -> None:
        super().__init__(settings)
        self._gated = GatedPool(connections, process)

    async def _connections(self) -> Any:
        return self._gated


class GatedPool:
    """The connection pool of one life of a process. After that life, it gives no connection."""

    def __init__(self, connections: Connections, process: Process) -> None:
        self._connections = connections
        self._process = process
        self._life = process.lives
        self.renewals = 0
        """How often PostgreSQL gave way to a standby: never here."""

    async def take(self, _within_s: float) -> "GatedConnection":
        if not self._process.alive or self._process.lives != self._life:
            raise ConnectionResetError
        ground = self._process.ground
        ground.connecting += 1
        try:
            raw = await self._connections.take()
        finally:
            ground.connecting -= 1
        gated = GatedConnection(raw, self._process)
        self._process.connections.add(gated.pid)
        return gated

    async def put_back(self, gated: "GatedConnection", *, broken: bool) -> None:
        """Give a connection back to the pool if it is sound and the process alive; else close it. The caller's
        `broken` is ignored."""
        self._process.connections.discard(gated.pid)
        if gated.sound and self._process.alive:
            self._connections.give_back(gated.raw)
        else:
            gated.raw.terminate()


class GatedConnection:
    """A connection during one transaction. It stops at a gate before each statement, and before and after the
    commit. A statement outside of a transaction commits by itself, and stops before and after."""

    def __init__(self, raw: Any, process: Process) -> None:
        self.pid: int = raw.get_server_pid()
        self.sound = True
        self.raw = raw
        self._process = process
        self._calls: list[str] = []
        self._inside = False

    async def fetch(self, query: str, *values: object) -> Any:
        return await self._run(query, self.raw.fetch, values)

    async def fetchrow(self, query: str, *values: object) -> Any:
        return await self._run(query, self.raw.fetchrow, values)

    async def execute(self, query: str, *values: object) -> Any:
        return await self._run(query, self.raw.execute, values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        await self._stop("BEGIN")
        with self._at_work():
            await self._begin()
        self._inside = True
        try:
            yield
        except BaseException:
            if self._process.alive and self.sound and not self.raw.is_closed():
                with self._at_work():
                    await self.raw.execute("ROLLBACK")
            raise
        await self._stop("COMMIT")
        with self._at_work():
            await self.raw.execute("COMMIT")
        self._inside = False
        await self._committed()

    async def _run(self, query: str, run: Callable[..., Awaitable[Any]], values: tuple[object, ...]) -> Any:
        if "pg_notify" in query:  # even if it notifies nobody: a process woken up in vain finds no work
            self._calls += [str(value).rpartition("_")[2] for value in values if isinstance(value, str)]
        await self._stop(_brief(query))
        with self._at_work():
            if self._inside:
                return await run(query, *values)
            await self._begin()
            try:
                result = await run(query, *values)
            except asyncpg.PostgresError:
                await self.raw.execute("ROLLBACK")
                raise
            await self.raw.execute("COMMIT")
        await self._committed()
        return result

    async def _begin(self) -> None:
        now = self._process.ground.now().isoformat()
        await self.raw.execute(f"BEGIN; SET LOCAL simulation.now = '{now}'")

    async def _committed(self) -> None:
        for name in self._calls:
            self._process.ground.call(name)
        self._calls.clear()
        await self._stop("COMMIT est fait")

    async def _stop(self, what: str) -> None:
        try:
            await self._process.stop(what, Kind.STATEMENT)
        except BaseException:
            self.sound = False
            raise

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        ground = self._process.ground
        ground.at_work[self.pid] = self._process
        try:
            yield
        finally:
            del ground.at_work[self.pid]
            ground.moved.set()


class Watcher:
    """Asks PostgreSQL who waits for whom, and can cancel or break connections. Has a connection of its own."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def waits(self, running: Collection[int], standing: Collection[int]) -> dict[int, set[int]]:
        """Return the running connections that wait for a lock of one of ours, each with the connections that it
        waits for."""
        rows = await self._connection.fetch(_WAITS, list(running), list(standing))
        return {row["pid"]: set(row["blockers"]) for row in rows}

    async def cancel(self, pid: int) -> None:
        """Cancel the statement of a connection, as PostgreSQL does in a deadlock."""
        await self._connection.execute("SELECT pg_cancel_backend($1)", pid)

    async def terminate(self, pids: Collection[int]) -> None:
        """Break these connections; return when they are gone, with their locks."""
        await self._connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM unnest(CAST($1 AS int[])) AS p(pid)", list(pids)
        )


def _brief(query: str) -> str:
    """Return the first 70 characters of a statement, for the trace."""
    return re.sub(r"\s+", " ", query).strip()[:70]
