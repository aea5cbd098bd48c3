"""Record when each API key is used. A process keeps the uses in memory and writes them from time to time, so
that no request waits for the database."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from router.store import key_uses
from router.store.database import AWAY, Database

WRITE_SECONDS = 30.0


class KeyUses:
    """Uses of API keys in this process that are not written to the database yet."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: set[str] = set()

    def note(self, key: str) -> None:
        """Record that a key was used. `key` is its hash."""
        self._used.add(key)

    async def keep_writing(self) -> None:
        """Write the uses every half minute, until cancelled. A use is recorded with the time of its writing,
        at most half a minute late."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """Store the uses counted so far. While PostgreSQL is away they are kept for the next call."""
        used, now = frozenset(self._used), datetime.now(UTC)
        if not used:
            return
        with suppress(*AWAY):
            async with self._database.transaction() as connection:
                await key_uses.note(connection, dict.fromkeys(used, now))
            self._used -= used
