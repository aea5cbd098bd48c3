"""What the hub still owes, asked of PostgreSQL: how soon after each fault nothing older than its end waits."""

import asyncio
import threading
import time
from types import TracebackType
from typing import Self

import asyncpg

from simulation.chaos.hub_records import AWAY
from simulation.chaos.recovery import Recoveries

POLL_SECONDS = 0.4
ANSWER_SECONDS = 3.0

_OLDEST = """
    SELECT extract(epoch FROM least(
        (SELECT min(e.time) FROM {schema}.outbox o JOIN {schema}.event e ON e.id = o.event_id WHERE o.shard >= 0),
        (SELECT min(e.time) FROM {schema}.delivery d JOIN {schema}.event e ON e.id = d.event_id
         WHERE d.etat IN ('en_attente', 'en_vol')),
        (SELECT min(e.time) FROM {schema}.delivery d JOIN {schema}.event e ON e.id = d.event_id
         WHERE d.etat = 'deposee')
    ))::float8 AS oldest
"""


class Backlog:
    """A thread that asks again and again, and waits while PostgreSQL is away."""

    def __init__(self, dsn: str, schema: str, recoveries: Recoveries) -> None:
        self._dsn, self._query = dsn, _OLDEST.format(schema=schema)
        self._recoveries = recoveries
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
                    asked = time.time()
                    oldest = await connection.fetchval(self._query, timeout=ANSWER_SECONDS)
                    self.empty = oldest is None
                    self._recoveries.look(oldest, asked)
                    await asyncio.sleep(POLL_SECONDS)
            except AWAY:
                self.empty = False
                await self._rest()
            finally:
                connection.terminate()

    async def _rest(self) -> None:
        await asyncio.sleep(POLL_SECONDS)
