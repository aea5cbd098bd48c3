"""Record when each API key was last used, and when requests with a removed key were refused. The records are
written together every `WRITE_SECONDS`, so that no request waits for the database."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from router.store import key_uses
from router.store.database import AWAY, Database
from router.store.key_uses import Refused

WRITE_SECONDS = 30.0


class KeyUses:
    """Uses of API keys, kept in memory until they are stored in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._used: set[str] = set()
        self._refused: dict[str, Refused] = {}
        self.retired: frozenset[str] = frozenset()
        """Hashes of the keys that were removed from partners' entries."""

    def note(self, key: str) -> None:
        """Record a use of the API key whose hash is `key`."""
        self._used.add(key)

    def note_if_removed(self, key: str) -> bool:
        """Tell whether the API key whose hash is `key` was removed from a partner's entry. If it was, record the
        refused request."""
        if key not in self.retired:
            return False
        now = datetime.now(UTC)
        self._refused[key] = Refused(self._refused.get(key, Refused(now, now)).first, now)
        return True

    async def keep_writing(self) -> None:
        """Store the uses of API keys every `WRITE_SECONDS` until cancelled, and once more at the end."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self.write()
        finally:
            await self.write()

    async def write(self) -> None:
        """Store the uses of API keys. If PostgreSQL cannot be reached, the uses stay in memory until the next
        call."""
        used, refused, now = frozenset(self._used), dict(self._refused), datetime.now(UTC)
        if not used and not refused:
            return
        with suppress(*AWAY):
            async with self._database.transaction() as connection:
                await key_uses.note(connection, dict.fromkeys(used, now))
                await key_uses.refuse(connection, refused)
            self._used -= used
            self._refused = {key: each for key, each in self._refused.items() if refused.get(key) != each}
