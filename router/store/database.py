"""The engine, transactions whose failures are decided errors, and wake-ups."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from contracts.errors import BusUnavailable
from router.settings import DatabaseSettings

RETRYABLE_SQLSTATES = ("08", "40", "53", "55P03", "57")
"""Connection, rollback (deadlock, serialization), resources, lock, operator intervention."""

OUTBOX, LANES, REGISTRY, KEYS, BULK = "outbox", "lanes", "registry", "keys", "bulk"
"""What can be woken up for, by LISTEN/NOTIFY."""


class Database:
    """One pool. `transaction()` commits as a whole or raises; `BusUnavailable` means: try again later."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self._dsn = make_url(settings.url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.engine: AsyncEngine = create_async_engine(
            settings.url,
            pool_size=settings.pool_size,
            max_overflow=4,
            pool_timeout=5,
            connect_args={"timeout": 5, "command_timeout": 60, "server_settings": self._server_settings()},
        )

    def _server_settings(self) -> dict[str, str]:
        return {
            "search_path": f"{self.settings.schema_name},{self.settings.keys_schema}",
            "application_name": "siao-hub",
            "jit": "off",
        }

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Commit on leaving; any doubt about the outcome is BusUnavailable."""
        try:
            async with self.engine.begin() as connection:
                yield connection
        except (OSError, PoolTimeout, TimeoutError) as exc:
            raise BusUnavailable("PostgreSQL ne répond pas") from exc
        except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
            if is_transient(exc):
                raise BusUnavailable("PostgreSQL ne répond pas") from exc
            raise

    def channel(self, name: str) -> str:
        """Name of a wake-up channel; installations in one database are set apart."""
        return f"{self.settings.schema_name}_{name}"

    async def notify(self, connection: AsyncConnection, name: str) -> None:
        """Wake up the listeners when the transaction commits."""
        await connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": self.channel(name)})

    async def listen(self, wake: Mapping[str, Callable[[], None]]) -> None:
        """Call `wake[name]` at each notification, for ever; after a lost connection, call all once."""
        while True:
            try:
                connection = await asyncpg.connect(self._dsn, timeout=5)
            except (OSError, asyncpg.PostgresError, TimeoutError):
                await asyncio.sleep(1)
                continue
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _, lost=lost: lost.set())
            try:
                for name, call in wake.items():
                    await connection.add_listener(self.channel(name), lambda *_, call=call: call())
                for call in wake.values():
                    call()
                await lost.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(1)
            finally:
                connection.terminate()

    async def close(self) -> None:
        """Return all connections."""
        await self.engine.dispose()


def is_transient(exc: BaseException) -> bool:
    """Whether the same statement may succeed later: connections, deadlocks, resources, start and shutdown."""
    if isinstance(exc, DBAPIError):
        return exc.connection_invalidated or (exc.orig is not None and _is_transient(exc.orig))
    return _is_transient(exc)


def _is_transient(exc: BaseException) -> bool:
    """The driver's own error, as SQLAlchemy wraps it or, while connecting, as it is."""
    state: Any = getattr(exc, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(RETRYABLE_SQLSTATES)
    driver = exc.__cause__ or exc
    return isinstance(driver, OSError | asyncpg.InterfaceError)
