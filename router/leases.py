"""Leases in PostgreSQL, with a token that grows at each change of holder.

The database's clock decides; the holder itself counts from before it asked, on its monotonic clock, so it
gives up before anybody else may take over.
"""

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from contracts.errors import BusUnavailable
from router.store import leases
from router.store.database import Database
from router.wakeup import WakeUp


@dataclass(frozen=True, slots=True)
class Held:
    """A round under the lease; `fresh` when another may have held it since the last one."""

    token: int
    fresh: bool


class Lease:
    """One named lease, wanted by one holder."""

    def __init__(self, database: Database, name: str, holder: UUID, seconds: float) -> None:
        self._database = database
        self._name = name
        self._holder = holder
        self._seconds = seconds
        self._until = self._asks_at = 0.0
        self._token = 0

    def holds(self) -> bool:
        """Whether it is still ours for certain."""
        return time.monotonic() < self._until

    async def take(self) -> Held | None:
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
        fresh = token != self._token or asked >= self._until
        self._token, self._until = token, asked + self._seconds
        return Held(token, fresh)

    async def keep(self) -> bool:
        """Whether it is ours; asked for, or renewed, at most twice in its time, however often this is called."""
        if time.monotonic() >= self._asks_at:
            self._asks_at = time.monotonic() + self._seconds / 2
            await self.take()
        return self.holds()

    async def unbroken(self, since: Held) -> bool:
        """Whether it is ours, and was nobody else's since that round; renewed where its time is over."""
        return (self.holds() or await self.take() is not None) and self._token == since.token

    async def rounds(self, wake: WakeUp, longest_s: float) -> AsyncIterator[Held]:
        """One item a wake-up (or `longest_s` seconds) for as long as the lease is ours; given back at the end."""
        fresh = True
        try:
            while True:
                if time.monotonic() > self._until - self._seconds / 2:
                    held = await self.take()
                    fresh = fresh or held is None or held.fresh
                if self.holds():
                    yield Held(self._token, fresh)
                    fresh = False
                await wake.wait(longest_s)
        finally:
            await self.give_back()

    async def give_back(self) -> None:
        """Let another have it at once."""
        self._until = self._asks_at = 0.0
        try:
            async with self._database.transaction() as connection:
                await leases.give_back(connection, self._name, self._holder)
        except BusUnavailable:
            return
