"""Leases: one holder at a time, each change of holder with a greater fencing token.

PostgreSQL's clock decides when a lease ends. Its holder counts the seconds from before it asked, on its own monotonic
clock, and so gives up before anybody else can take over.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from contracts.errors import BusUnavailable
from router.store import leases
from router.store.database import Database
from router.wakeup import WakeUp

AWAY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Round:
    """One round of work under a lease. `fresh`: another holder may have had the lease since the round before."""

    fencing_token: int
    fresh: bool


class Lease:
    """One named lease, wanted by one holder."""

    def __init__(self, database: Database, name: str, holder: UUID, seconds: float) -> None:
        self._database = database
        self._name = name
        self._holder = holder
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
            async with self._database.transaction() as connection:
                token = await leases.take(connection, self._name, self._holder, self._seconds)
        except BusUnavailable:
            return None
        if token is None:
            self._until = 0.0
            return None
        fresh = token != self._fencing_token or asked >= self._until
        self._fencing_token, self._until = token, asked + self._seconds
        return Round(token, fresh)

    async def keep(self) -> bool:
        """Whether it is ours. Takes or renews it, but asks at most twice in its time, however often this is called."""
        if time.monotonic() >= self._asks_at:
            self._asks_at = time.monotonic() + self._seconds / 2
            await self.take()
        return self.holds()

    async def unbroken(self, since: Round) -> bool:
        """Whether it is ours, and nobody else has had it since that round. Renews it where its time is over."""
        return (self.holds() or await self.take() is not None) and self._fencing_token == since.fencing_token

    async def rounds(self, wake: WakeUp, longest_s: float) -> AsyncIterator[Round]:
        """A round a wake-up, or every `longest_s` seconds (half a lease at most), while the lease is ours; waits while
        it is not. Releases it when the caller stops."""
        fresh = True
        try:
            while True:
                if time.monotonic() > self._until - self._seconds / 2:
                    taken = await self.take()
                    fresh = fresh or taken is None or taken.fresh
                if self.holds():
                    yield Round(self._fencing_token, fresh)
                    fresh = False
                await wake.wait(min(longest_s, self._seconds / 2))
        finally:
            await self.release()

    async def work(self, wake: WakeUp, longest_s: float, work: Callable[[Round], Awaitable[None]]) -> None:
        """Do some work in each of the `rounds`, until cancelled; a database that is away is waited for."""
        async for round_ in self.rounds(wake, longest_s):
            try:
                await work(round_)
            except BusUnavailable:
                await asyncio.sleep(AWAY_SECONDS)

    async def release(self) -> None:
        """Let another have it at once."""
        self._until = self._asks_at = 0.0
        try:
            async with self._database.transaction() as connection:
                await leases.release(connection, self._name, self._holder)
        except BusUnavailable:
            return
