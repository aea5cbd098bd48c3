"""Record the last use of each API key. Uses are written together from time to time, so that no request waits
for it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from router.store import key_uses
from router.store.database import AWAY, Database

WRITE_SECONDS = 30.0


class KeyUses:
    """Uses of API keys that are not yet written to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: set[str] = set()

    def note(self, key: str) -> None:
        """Record that the API key with the hash `key` was used."""
        self._used.add(key)

    async def keep_writing(self) -> None:
        """Write the noted uses of API keys every `WRITE_SECONDS`, until cancelled, and once more at the
        end."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """Write the noted uses of API keys. If PostgreSQL cannot be reached, they stay for the next call."""
        used, now = frozenset(self._used), datetime.now(UTC)
        if not used:
            return
        with suppress(*AWAY):
            async with self._database.transaction() as connection:
                await key_uses.note(connection, dict.fromkeys(used, now))
            self._used -= used
