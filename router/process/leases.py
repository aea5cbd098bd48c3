"""Leases, by which only one process at a time does a job.

Each new holder gets a greater fencing token. PostgreSQL's clock decides when a lease ends. A holder counts
the time from before its request, so it always stops early. The heartbeat renews all leases of a process. If
the heartbeat is late, the code that works under a lease renews this lease itself.
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
"""Longest time, in seconds, between two attempts to take a lease that another process has."""
KEPT_AFTER, ASKED_AFTER = 2 / 3, 5 / 6
"""Parts of a lease's duration after which it is renewed: by the heartbeat, and, if that is late, by the work
under the lease."""


@dataclass(frozen=True, slots=True)
class Round:
    """Round of work under a lease. `fresh` is true if another process may have had the lease since the
    previous round."""

    fencing_token: int
    fresh: bool


class Leases:
    """All leases that a process uses or may use. They last `seconds`."""

    def __init__(self, database: Database, process: UUID, seconds: float) -> None:
        self._database = database
        self._process = process
        self.seconds = seconds
        self._wanted: WeakSet[Lease] = WeakSet()

    @property
    def keep_every_s(self) -> float:
        """Return the longest interval between two heartbeats, in seconds, at which all leases are still
        renewed before they end."""
        return KEPT_AFTER * self.seconds

    def named(self, name: str) -> "Lease":
        """Return a lease object with this name. The lease itself is not taken yet."""
        lease = Lease(self._database, name, self._process, self.seconds)
        self._wanted.add(lease)
        return lease

    def held(self) -> list[str]:
        """Return the names of the leases that this process certainly has."""
        return sorted({lease.name for lease in self._wanted if lease.holds()})

    def kept(self, names: Collection[str], asked: float) -> None:
        """Note that PostgreSQL has renewed these leases. `asked` is the monotonic time of the request."""
        for lease in self._wanted:
            if lease.name in names:
                lease.lasts(asked)


class Lease:
    """Lease with a name, which one process takes, renews and releases."""

    def __init__(self, database: Database, name: str, process: UUID, seconds: float) -> None:
        self._database = database
        self.name = name
        self._process = process
        self._seconds = seconds
        self._until = self._asks_at = 0.0
        self._fencing_token = 0

    def holds(self) -> bool:
        """Tell, without asking the database, whether this process certainly has the lease."""
        return time.monotonic() < self._until

    async def take(self) -> Round | None:
        """Take or renew the lease. Return None if another process has it, or if the database cannot be
        reached."""
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
        """Note that the lease was renewed by a request at the monotonic time `asked`. No effect if it was
        released since."""
        if self.holds():
            self._until = max(self._until, asked + self._seconds)

    async def keep(self) -> bool:
        """Renew the lease if it is about to end, or try to take it. Return whether this process has it.

        The database is asked at most twice in the duration of a lease.
        """
        if time.monotonic() >= self._asks_at and self._ends_soon:
            self._asks_at = time.monotonic() + self._seconds / 2
            await self.take()
        return self.holds()

    async def unbroken(self, since: Round) -> bool:
        """Tell whether this process has the lease, and no other process has had it since the round `since`.
        If the lease has run out, try to take it again first."""
        return (self.holds() or await self.take() is not None) and self._fencing_token == since.fencing_token

    @asynccontextmanager
    async def rounds(self, wake: WakeUp, longest_s: float = math.inf) -> AsyncIterator[AsyncIterator[Round]]:
        """Open a block with an iterator of rounds of work. While this process has the lease, the iterator
        yields a round at each wake-up, or after `longest_s` seconds without one.

        While another process has the lease, the iterator waits. At the end of the block, the lease is
        released.
        """
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
                if current is None:  # frequent wake-ups must not each cause a query
                    await asyncio.sleep(min(STANDBY_SECONDS, self._seconds / 2))
            if self.holds() and (fresh or time.monotonic() >= due_at):
                due_at = time.monotonic() + longest_s
                yield Round(self._fencing_token, fresh)
                fresh = False
            if await wake.wait(self._next_at(due_at) - time.monotonic()):
                due_at = -math.inf

    @property
    def _ends_soon(self) -> bool:
        return time.monotonic() >= self._until - (1 - ASKED_AFTER) * self._seconds

    def _next_at(self, due_at: float) -> float:
        """Return the monotonic time at which this process has to do something next. With the lease, it is the
        next round of work (`due_at`) or the renewal of the lease, whichever is earlier. Without the lease, it
        is the next attempt to take it."""
        if not self.holds():
            return time.monotonic() + self._seconds / 2
        return min(due_at, self._until - (1 - ASKED_AFTER) * self._seconds)

    async def work(self, wake: WakeUp, longest_s: float, work: Callable[[Round], Awaitable[None]]) -> None:
        """Call `work` again and again while this process has the lease, until cancelled: at each wake-up, and
        at least every `longest_s` seconds. If the database cannot be reached, try again after a second."""
        async with self.rounds(wake, longest_s) as rounds:
            async for round_ in rounds:
                try:
                    await work(round_)
                except AWAY:
                    await asyncio.sleep(AWAY_SECONDS)
                    wake.set()

    async def release(self) -> None:
        """Release the lease, so that another process can take it."""
        self._until = self._asks_at = 0.0
        fencing_token, self._fencing_token = self._fencing_token, 0
        if fencing_token:
            with suppress(*AWAY):
                async with self._database.statement() as connection:
                    await leases.release(connection, self.name, self._process, fencing_token)
