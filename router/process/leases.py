"""Leases: one process at a time, each taking that is no renewal with a greater fencing token.

PostgreSQL's clock decides when a lease ends. Its process counts the seconds from before it asked, on its own monotonic
clock, and so gives up before anybody else can take over. What a process holds is kept by its heartbeat, all leases in
one statement; who works under a lease asks for itself only where that did not happen.
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
"""How often at most a process asks for a lease that another one holds."""
KEPT_AFTER, ASKED_AFTER = 2 / 3, 5 / 6
"""Shares of its time after which a lease is kept by the heartbeat, and by who works under it."""


@dataclass(frozen=True, slots=True)
class Round:
    """One round of work under a lease. `fresh`: another process may have had the lease since the round before."""

    fencing_token: int
    fresh: bool


class Leases:
    """The leases of one process."""

    def __init__(self, database: Database, process: UUID, seconds: float) -> None:
        self._database = database
        self._process = process
        self.seconds = seconds
        self._wanted: WeakSet[Lease] = WeakSet()

    @property
    def keep_every_s(self) -> float:
        """How often those that are held must be kept."""
        return KEPT_AFTER * self.seconds

    def named(self, name: str) -> "Lease":
        """A lease that this process wants."""
        lease = Lease(self._database, name, self._process, self.seconds)
        self._wanted.add(lease)
        return lease

    def held(self) -> list[str]:
        """Names of those that are ours for certain."""
        return sorted({lease.name for lease in self._wanted if lease.holds()})

    def kept(self, names: Collection[str], asked: float) -> None:
        """PostgreSQL has made these last, asked at this monotonic time."""
        for lease in self._wanted:
            if lease.name in names:
                lease.lasts(asked)


class Lease:
    """One named lease, wanted by one process."""

    def __init__(self, database: Database, name: str, process: UUID, seconds: float) -> None:
        self._database = database
        self.name = name
        self._process = process
        self._seconds = seconds
        self._until = self._asks_at = 0.0
        self._fencing_token = 0

    def holds(self) -> bool:
        """Whether it is ours for certain. Asks nobody."""
        return time.monotonic() < self._until

    async def take(self) -> Round | None:
        """Take or renew it; None while another holds it or the database is away."""
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
        """It was made to last, asked at this monotonic time: nothing where we have given it up since."""
        if self.holds():
            self._until = max(self._until, asked + self._seconds)

    async def keep(self) -> bool:
        """Whether it is ours. Takes or renews it, but asks at most twice in its time, however often this is called."""
        if time.monotonic() >= self._asks_at and self._ends_soon:
            self._asks_at = time.monotonic() + self._seconds / 2
            await self.take()
        return self.holds()

    async def unbroken(self, since: Round) -> bool:
        """Whether it is ours, and nobody else has had it since that round. Renews it where its time is over."""
        return (self.holds() or await self.take() is not None) and self._fencing_token == since.fencing_token

    @asynccontextmanager
    async def rounds(self, wake: WakeUp, longest_s: float = math.inf) -> AsyncIterator[AsyncIterator[Round]]:
        """A round a wake-up, or every `longest_s` seconds, while the lease is ours; waits while it is not. Releases it
        on leaving the block, however it is left."""
        try:
            async with aclosing(self._rounds(wake, longest_s)) as rounds:
                yield rounds
        finally:
            await self.release()

    async def _rounds(self, wake: WakeUp, longest_s: float) -> AsyncGenerator[Round, None]:
        fresh, due_at = True, -math.inf
        while True:
            if self._ends_soon:
                taken = await self.take()
                fresh = fresh or taken is None or taken.fresh
                if taken is None:  # whoever holds it may be woken up a hundred times a second, and so are we
                    await asyncio.sleep(min(STANDBY_SECONDS, self._seconds / 2))
            if self.holds() and (fresh or time.monotonic() >= due_at):
                due_at = time.monotonic() + longest_s
                yield Round(self._fencing_token, fresh)
                fresh = False
            if await wake.wait(self._next_at(due_at) - time.monotonic()):
                due_at = -math.inf

    @property
    def _ends_soon(self) -> bool:
        """Whether it is not ours, or nobody has kept it for long."""
        return time.monotonic() >= self._until - (1 - ASKED_AFTER) * self._seconds

    def _next_at(self, due_at: float) -> float:
        """The monotonic time of the next round, or of the next look after the lease."""
        if not self.holds():
            return time.monotonic() + self._seconds / 2
        return min(due_at, self._until - (1 - ASKED_AFTER) * self._seconds)

    async def work(self, wake: WakeUp, longest_s: float, work: Callable[[Round], Awaitable[None]]) -> None:
        """Do some work in each of the `rounds`, until cancelled; a database that is away is waited for."""
        async with self.rounds(wake, longest_s) as rounds:
            async for round_ in rounds:
                try:
                    await work(round_)
                except AWAY:
                    await asyncio.sleep(AWAY_SECONDS)
                    wake.set()

    async def release(self) -> None:
        """Let another have it at once. Asks nobody where it was never taken."""
        self._until = self._asks_at = 0.0
        fencing_token, self._fencing_token = self._fencing_token, 0
        if fencing_token:
            with suppress(*AWAY):
                async with self._database.statement() as connection:
                    await leases.release(connection, self.name, self._process, fencing_token)
