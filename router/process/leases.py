"""Leases, by which one process at a time does a job.

Each new holder gets a greater fencing token. PostgreSQL's clock decides when a lease ends. A holder counts
the time from before its request, and so stops early. The heartbeat renews all leases of a process; if it is
late, the work under a lease renews the lease.
"""

import asyncio
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID
from weakref import WeakSet

from router.process.wakeup import WakeUp
from router.store import leases
from router.store.database import AWAY, Database

AWAY_SECONDS = 1.0
STANDBY_SECONDS = 1.0
"""Interval between two requests for a lease that another process holds."""
KEPT_AFTER, ASKED_AFTER = 2 / 3, 5 / 6
"""Parts of a lease's time after which the lease is renewed: first by the heartbeat; if the heartbeat is late,
by the work under the lease."""


@dataclass(frozen=True, slots=True)
class Round:
    """Round of work under a lease. `fresh` is true if another process may have held the lease since the
    previous round."""

    fencing_token: int
    fresh: bool


class Leases:
    """All leases that one process may take, or has taken."""

    def __init__(self, database: Database, process: UUID, seconds: float) -> None:
        self._database = database
        self._process = process
        self.seconds = seconds
        self._wanted: WeakSet[Lease] = WeakSet()

    @property
    def keep_every_s(self) -> float:
        """Return the longest interval between two heartbeats, in seconds, that keeps the leases."""
        return KEPT_AFTER * self.seconds

    def named(self, name: str) -> "Lease":
        """Return the lease of this name. It is not taken yet."""
        lease = Lease(self._database, name, self._process, self.seconds)
        self._wanted.add(lease)
        return lease

    def held(self) -> list[str]:
        """Return the names of the leases that this process surely holds."""
        return sorted({lease.name for lease in self._wanted if lease.holds()})

    def kept(self, names: Collection[str], asked: float) -> None:
        """Record that PostgreSQL has renewed these leases, at a request of the monotonic time `asked`."""
        for lease in self._wanted:
            if lease.name in names:
                lease.lasts(asked)


class Lease:
    """Named lease, as one process takes, renews and releases it."""

    def __init__(self, database: Database, name: str, process: UUID, seconds: float) -> None:
        self._database = database
        self.name = name
        self._process = process
        self._seconds = seconds
        self._until = self._asks_at = 0.0
        self._fencing_token = 0

    def holds(self) -> bool:
        """Tell, without the database, whether this process surely holds the lease."""
        return time.monotonic() < self._until

    async def take(self) -> Round | None:
        """Take the lease, or renew it. Return None if another process holds it or the database is away."""
        asked = time.monotonic()
        try:
            async with self._database.statement() as connection:
                token = await leases.take(
                    connection, self.name, self._process, self._fencing_token, self._seconds
                )
        except AWAY:
            return None
        if token is None:
            self._until = 0.0
            return None
        fresh = token != self._fencing_token or asked >= self._until
        self._fencing_token, self._until = token, asked + self._seconds
        return Round(token, fresh)

    def lasts(self, asked: float) -> None:
        """Record that the lease was renewed by a request at the monotonic time `asked`. Does nothing if the
        lease was given up since then."""
        if self.holds():
            self._until = max(self._until, asked + self._seconds)

    async def keep(self) -> bool:
        """Renew the lease if it ends soon, or take it if this process does not hold it. Return whether this
        process holds it. Asks the database at most twice in the time of a lease."""
        if time.monotonic() >= self._asks_at and self._ends_soon:
            self._asks_at = time.monotonic() + self._seconds / 2
            await self.take()
        return self.holds()

    async def unbroken(self, since: Round) -> bool:
        """Tell whether this process has held the lease, and no other has, since the round `since`. An expired
        lease is first renewed."""
        return (self.holds() or await self.take() is not None) and self._fencing_token == since.fencing_token

    @asynccontextmanager
    async def rounds(self, wake: WakeUp, longest_s: float = math.inf) -> AsyncIterator[AsyncIterator[Round]]:
        """Yield a round at each wake-up, or every `longest_s` seconds, while this process holds the lease.
        While another process holds it, wait. Leaving the block releases the lease."""
        try:
            async with aclosing(self._rounds(wake, longest_s)) as rounds:
                yield rounds
        finally:
            await self.release()

    async def _rounds(self, wake: WakeUp, longest_s: float) -> AsyncGenerator[Round, None]:
        fresh, due_at = True, -math.inf
        while True:
            if self._ends_soon:
                current = await self.take()
                fresh = fresh or current is None or current.fresh
                if current is None:  # do not ask the database at each of a hundred wake-ups a second
                    await asyncio.sleep(min(STANDBY_SECONDS, self._seconds / 2))
            if self.holds() and (fresh or time.monotonic() >= due_at):
                due_at = time.monotonic() + longest_s
                yield Round(self._fencing_token, fresh)
                fresh = False
            if await wake.wait(self._next_at(due_at) - time.monotonic()):
                due_at = -math.inf

    @property
    def _ends_soon(self) -> bool:
        """Tell whether this process lacks the lease, or it ends soon."""
        return time.monotonic() >= self._until - (1 - ASKED_AFTER) * self._seconds

    def _next_at(self, due_at: float) -> float:
        """Return the monotonic time of the next round, or of the next request for the lease."""
        if not self.holds():
            return time.monotonic() + self._seconds / 2
        return min(due_at, self._until - (1 - ASKED_AFTER) * self._seconds)

    async def work(self, wake: WakeUp, longest_s: float, work: Callable[[Round], Awaitable[None]]) -> None:
        """Call `work` in each round under the lease, until cancelled. Retry each second while the database is
        away."""
        async with self.rounds(wake, longest_s) as rounds:
            async for round_ in rounds:
                try:
                    await work(round_)
                except AWAY:
                    await asyncio.sleep(AWAY_SECONDS)
                    wake.set()

    async def release(self) -> None:
        """Give the lease up, so that another process can take it."""
        self._until = self._asks_at = 0.0
        fencing_token, self._fencing_token = self._fencing_token, 0
        if fencing_token:
            with suppress(*AWAY):
                async with self._database.statement() as connection:
                    await leases.release(connection, self.name, self._process, fencing_token)
