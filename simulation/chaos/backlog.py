"""What the hub still owes, asked of PostgreSQL: whether anything waits."""

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
        OR EXISTS (SELECT FROM {schema}.delivery WHERE etat IN ('en_attente', 'en_vol'))
        OR EXISTS (SELECT FROM {schema}.delivery WHERE etat = 'deposee')
"""


class Backlog:
    """A thread that asks again and again, and waits while PostgreSQL is away."""

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn, self._query = dsn, _WAITS.format(schema=schema)
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._ask()), daemon=True)
        self.empty = False
        """Nothing waits at all, at the last look."""

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
                    self.empty = not await connection.fetchval(self._query, timeout=ANSWER_SECONDS)
                    await self._rest()
            except AWAY:
                self.empty = False
                await self._rest()
            finally:
                connection.terminate()

    async def _rest(self) -> None:
        await asyncio.sleep(POLL_SECONDS)
