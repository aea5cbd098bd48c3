"""Record when each API key is used, from time to time, so that no request waits for the database."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from router.store import key_uses
from router.store.database import AWAY, Database

WRITE_SECONDS = 30.0


class KeyUses:
    """Uses of API keys still to be written to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: set[str] = set()

    def note(self, key: str) -> None:
        """Record that the API key with the hash `key` was used."""
        self._used.add(key)

    async def keep_writing(self) -> None:
        """Write the uses of API keys every half minute, until cancelled."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """Write the uses of API keys. While PostgreSQL is away they wait for the next call."""
        used, now = frozenset(self._used), datetime.now(UTC)
        if not used:
            return
        with suppress(*AWAY):
            async with self._database.transaction() as connection:
                await key_uses.note(connection, dict.fromkeys(used, now))
            self._used -= used
