"""Keep idle database connections ready outside the pool."""

from typing import Any

from asyncpg import InterfaceError

from router.store.sql import Connection

MOST = 4
"""Largest number of idle connections that are kept."""


class AtHand:
    """Idle connections that are reused without asking the connection pool, which saves 60 µs each time. A
    connection has one user at a time. Callers that wait for the pool are served first."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._idle: list[Connection] = []
        self._waiting = 0
        self._most = MOST
        self.renewals = 0
        """Number of times that all connections were replaced."""

    async def take(self, within_s: float) -> Connection:
        """Return a connection that seems open. Raises TimeoutError if no connection is free within
        `within_s`, and any error of opening a connection."""
        while self._idle:
            connection = self._idle.pop()
            if _is_open(connection):
                return connection
            await self._pool.release(connection)
        self._waiting += 1
        try:
            connection = await self._pool.acquire(timeout=within_s)
        finally:
            self._waiting -= 1
        return connection

    async def put_back(self, connection: Connection, *, broken: bool) -> None:
        """Give back a connection from `take`. If the connection is `broken`, the pool resets or closes it."""
        if broken or self._waiting or len(self._idle) >= self._most or not _is_open(connection):
            await self._pool.release(connection)
        else:
            self._idle.append(connection)

    async def renew(self) -> None:
        """Replace all connections, because another server is the primary now. A connection in use is replaced
        when it is given back."""
        self.renewals += 1
        await self._pool.expire_connections()
        while self._idle:
            await self._pool.release(self._idle.pop())

    async def close(self) -> None:
        """Close all connections. The function waits until the connections in use are given back."""
        self._most = 0
        while self._idle:
            await self._pool.release(self._idle.pop())
        await self._pool.close()


def _is_open(connection: Connection) -> bool:
    try:
        return not connection.is_closed()
    except InterfaceError:  # the server closed it, and it is already back in the pool
        return False
