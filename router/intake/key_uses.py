"""Which keys are used, and when: remembered by the process, written now and then, so that no request waits for it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from router.store import key_uses
from router.store.database import AWAY, Database

WRITE_SECONDS = 30.0


class KeyUses:
    """Those of this process since the last writing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: set[str] = set()

    def note(self, key: str) -> None:
        """A key, by its hash, was used."""
        self._used.add(key)

    async def keep_writing(self) -> None:
        """Until cancelled. A use is told at most half a minute late, and at the time of its writing."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """What was used since; kept for the next time where PostgreSQL is away."""
        used, now = frozenset(self._used), datetime.now(UTC)
        if not used:
            return
        with suppress(*AWAY):
            async with self._database.transaction() as connection:
                await key_uses.note(connection, dict.fromkeys(used, now))
            self._used -= used
