"""The hub's accepted and unfinished work, as PostgreSQL shows it."""

import asyncio
import threading
from types import TracebackType
from typing import Self

import asyncpg

from simulation.chaos.hub_records import AWAY

POLL_SECONDS = 0.4
ANSWER_SECONDS = 3.0

_WAITS = """
    SELECT EXISTS (SELECT FROM {schema}.outbox WHERE shard >= 0)
        OR EXISTS (SELECT FROM {schema}.delivery WHERE etat IN ('en_attente', 'en_vol')) AS in_hand,
    EXISTS (SELECT FROM {schema}.delivery WHERE etat = 'deposee') AS laid_out
"""


class Backlog:
    """Thread that asks PostgreSQL repeatedly whether the hub has unfinished work."""

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn, self._query = dsn, _WAITS.format(schema=schema)
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._ask()), daemon=True)
        self.empty = False
        """Whether nothing was pending at the last look, not even a delivery for a partner to collect."""
        self.in_hand = False
        """Whether work was pending in the hub's own hands at the last look. False while nobody can tell."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    async def _ask(self) -> None:
        while not self._over.is_set():
            try:
                connection = await asyncpg.connect(self._dsn, timeout=ANSWER_SECONDS)
            except AWAY:
                await self._rest()
                continue
            try:
                while not self._over.is_set():
                    row = await connection.fetchrow(self._query, timeout=ANSWER_SECONDS)
                    self.in_hand, self.empty = row["in_hand"], not (row["in_hand"] or row["laid_out"])
                    await self._rest()
            except AWAY:
                self.empty = self.in_hand = False
                await self._rest()
            finally:
                connection.terminate()

    async def _rest(self) -> None:
        await asyncio.sleep(POLL_SECONDS)
