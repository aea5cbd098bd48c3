"""Connect to the primary among several PostgreSQL servers."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import asyncpg

from contracts.errors import BusUnavailable
from router.store import origin
from router.store.origin import Server
from router.store.sql import Connection

OLD_PRIMARY = "l'ancienne base primaire s'est réveillée : un secours a pris sa place, rien ne s'y écrit"
FAILURES = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    BusUnavailable,
)


class NotThePrimary(BusUnavailable):
    """Raised when the server is a standby or a former primary, to which nothing can be written."""


class OldPrimary(NotThePrimary):
    """Raised when a standby has taken over from the server. Whatever is written to this server would be
    lost."""


async def connect(addresses: Sequence[str], newest: Server | None, **options: Any) -> Connection:
    """Connect to the PostgreSQL primary at one of these addresses. `newest`, if known, is the latest primary: a
    server that it has replaced is refused. If no address has the primary, raise the error of one address,
    preferably NotThePrimary. With a single address, connect to it without any check, and ignore `newest`."""
    if len(addresses) == 1:
        return await asyncpg.connect(addresses[0], **options)
    attempts = [asyncio.create_task(_primary(address, newest, options)) for address in addresses]
    failures, chosen = list[Exception](), None
    try:
        for attempt in asyncio.as_completed(attempts):
            try:
                chosen = await attempt
            except FAILURES as exc:
                failures.append(exc)
            else:
                return chosen
    finally:
        for each in attempts:
            each.cancel()
            each.add_done_callback(partial(_let_go, chosen))
    raise max(failures, key=lambda exc: (isinstance(exc, NotThePrimary), not isinstance(exc, OSError)))


def must_accept_writes(server: Server | None, newest: Server | None) -> Server:
    """Return `server` if it is the primary. Raises NotThePrimary if `server` is None, which stands for a
    standby. Raises OldPrimary if `newest`, the latest known primary, has taken over from `server`."""
    if server is None:
        raise NotThePrimary("PostgreSQL répond par un secours, qui ne prend pas d'écritures")
    if newest is not None and server.is_older_than(newest):
        raise OldPrimary(OLD_PRIMARY)
    return server


async def _primary(address: str, newest: Server | None, options: dict[str, Any]) -> Connection:
    connection = await asyncpg.connect(address, **options)
    try:
        must_accept_writes(await origin.server_of(connection), newest)
    except BaseException:
        connection.terminate()
        raise
    return connection


def _let_go(chosen: Connection | None, attempt: "asyncio.Task[Connection]") -> None:
    if not attempt.cancelled() and attempt.exception() is None and attempt.result() is not chosen:
        attempt.result().terminate()
