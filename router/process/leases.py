"""Let one process at a time do a job, by a lease.

Each new holder of a lease gets a greater number, the fencing token. A former holder has a smaller number, and can
write nothing more. PostgreSQL's clock decides when a lease ends. The holder counts the lease's time from a moment
before its request to PostgreSQL, and so always stops before the lease ends. The heartbeat renews all leases of a
process. If the heartbeat is late, the code that works under a lease renews it.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing, asynccontextmanager, suppress
from uuid import UUID
from weakref import WeakSet

from router.process.wakeup import WakeUp
from router.store import leases
from router.store.database import AWAY, Database

AWAY_SECONDS = 1.0
STANDBY_SECONDS = 1.0
"""Longest time between two attempts to take a lease that another process holds."""
KEPT_AFTER, ASKED_AFTER = 2 / 3, 5 / 6
"""Fractions of a lease's time. After the first, the heartbeat renews the lease. After the second, the code that
works under the lease renews it."""


class Leases:
    """Leases that a process holds or wants. Each lease is taken for `seconds` at a time."""

    def __init__(self, database: Database, process: UUID, seconds: float) -> None:
        self._database = database
        self._process = process
        self.seconds = seconds
        self._wanted: WeakSet[Lease] = WeakSet()

    @property
    def keep_every_s(self) -> float:
        """Return how many seconds may pass at most between two heartbeats, so that each heartbeat renews the
        leases in time."""
        return KEPT_AFTER * self.seconds

    def named(self, name: str) -> "Lease":
        """Return an object that can take the lease `name`. It does not hold the lease yet."""
        lease = Lease(self._database, name, self._process, self.seconds)
        self._wanted.add(lease)
        return lease

    def held(self) -> list[str]:
        """Return the names of the leases that this process holds for certain."""
        return sorted({lease.name for lease in self._wanted if lease.holds()})

    def kept(self, names: Collection[str], asked: float) -> None:
        """Note that a request to the database has renewed the leases with the names `names`. Their time starts at
        `asked`, the monotonic time just before the request."""
        for lease in self._wanted:
            if lease.name in names:
                lease.lasts(asked)


class Lease:
    """Lease that a process takes, renews and releases."""

    def __init__(self, database: Database, name: str, process: UUID, seconds: float) -> None:
        self._database = database
        self.name = name
        self._process = process
        self._seconds = seconds
        self._until = self._asks_at = 0.0
        self.fencing_token = 0
        """Number that PostgreSQL gave to this process with the lease; it grows with each new holder. 0 if
        this process never had the lease, or has released it."""
        self.is_fresh = True
        """True if another process may have held the lease since the previous round of work."""

    def holds(self) -> bool:
        """Return whether this process holds the lease for certain. The database is not asked."""
        return time.monotonic() < self._until

    async def take(self) -> bool:
        """Take the lease, or renew it. Return False if another process has it, or if the database cannot be
        reached."""
        asked, before = time.monotonic(), self.fencing_token
        try:
            async with self._database.statement() as connection:
                token = await leases.take(connection, self.name, self._process, before, self._seconds)
        except AWAY:
            self.is_fresh = True
            return False
        self.is_fresh = self.is_fresh or token != before or asked >= self._until
        if token is None:
            self._until = 0.0
            return False
        self.fencing_token, self._until = token, asked + self._seconds
        return True

    def lasts(self, asked: float) -> None:
        """Note that a request to the database has renewed the lease. `asked` is the monotonic time just before the
        request. Do nothing if the lease has ended meanwhile."""
        if self.holds():
            self._until = max(self._until, asked + self._seconds)

    async def keep(self) -> bool:
        """Renew the lease if it is about to end, and try to take it if this process does not hold it. Return whether
        this process holds the lease now. Frequent calls are cheap: together, they make at most two queries in a
        lease's duration."""
        if time.monotonic() >= self._asks_at and self._ends_soon:
            self._asks_at = time.monotonic() + self._seconds / 2
            await self.take()
        return self.holds()

    async def unbroken(self, since: int) -> bool:
        """Return whether this process holds the lease and has held it without a break. There is no break if no
        other process has held the lease since this process got the fencing token `since`. If the lease has run
        out, first try to take it again."""
        return (self.holds() or await self.take()) and self.fencing_token == since

    @asynccontextmanager
    async def rounds(self, wake: WakeUp, longest_s: float = math.inf) -> AsyncIterator[AsyncIterator[None]]:
        """Give the `with` block an iterator that says when to do a round of work. While this process holds the
        lease, the iterator yields at each wake-up, and at the latest `longest_s` seconds after the previous round
        began. While another process holds the lease, the iterator yields nothing. The end of the block releases
        the lease."""
        try:
            async with aclosing(self._rounds(wake, longest_s)) as rounds:
                yield rounds
        finally:
            await self.release()

    async def _rounds(self, wake: WakeUp, longest_s: float) -> AsyncGenerator[None, None]:
        self.is_fresh, due_at = True, -math.inf
        while True:
            if self._ends_soon and not await self.take():  # frequent wake-ups must not each cause a query
                await asyncio.sleep(min(STANDBY_SECONDS, self._seconds / 2))
            if self.holds() and (self.is_fresh or time.monotonic() >= due_at):
                due_at = time.monotonic() + longest_s
                yield
                self.is_fresh = False
            if await wake.wait(self._next_at(due_at) - time.monotonic()):
                due_at = -math.inf

    @property
    def _ends_soon(self) -> bool:
        return time.monotonic() >= self._until - (1 - ASKED_AFTER) * self._seconds

    def _next_at(self, due_at: float) -> float:
        if not self.holds():
            return time.monotonic() + self._seconds / 2
        return min(due_at, self._until - (1 - ASKED_AFTER) * self._seconds)

    async def work(self, wake: WakeUp, longest_s: float, work: Callable[[], Awaitable[None]]) -> None:
        """Call `work` until cancelled: at each wake-up (`wake`), and at least every `longest_s` seconds. While
        this process does not hold the lease, try to take it, and do not call `work`. If `work` cannot reach the
        database, call it again a second later."""
        async with self.rounds(wake, longest_s) as rounds:
            async for _ in rounds:
                try:
                    await work()
                except AWAY:
                    await asyncio.sleep(AWAY_SECONDS)
                    wake.set()

    async def release(self) -> None:
        """Release the lease, so that another process can take it at once."""
        self._until = self._asks_at = 0.0
        token, self.fencing_token = self.fencing_token, 0
        if token:
            with suppress(*AWAY):
                async with self._database.statement() as connection:
                    await leases.release(connection, self.name, self._process, token)
