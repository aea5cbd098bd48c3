"""The hub's own tables, asked what it believes: its counts by partner, and its quarantine."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from simulation.chaos.accounts import Counts
from simulation.chaos.ledger import Kept

ANSWER_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
REST_SECONDS = 0.3
AWAY = (
    *(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError),
    asyncpg.InternalClientError,  # a connection that broke in the middle of an answer
)
"""How it shows that PostgreSQL is away."""

_ACCEPTED = "SELECT partner, sum(accepted)::int AS accepted FROM {schema}.inbox GROUP BY partner"
_DELIVERIES = """
    SELECT partner,
           count(*) FILTER (WHERE etat = 'livree')::int AS delivered,
           count(*) FILTER (WHERE etat IN ('refusee', 'oubliee'))::int AS refused,
           count(*) FILTER (WHERE etat NOT IN ('livree', 'refusee', 'oubliee'))::int AS open
    FROM {schema}.delivery GROUP BY partner
"""
_QUARANTINE = """
    SELECT cause, detail ->> 'message' AS says, event_id::text AS event,
           detail ->> 'topic' AS topic, (detail ->> 'partition')::int AS partition,
           (detail ->> 'offset')::int AS position
    FROM {schema}.quarantine WHERE message_id IS NULL
"""


class HubRecords:
    """Read-only; waits for a PostgreSQL that is away."""

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn, self._schema = dsn, schema

    def counts(self) -> Mapping[str, Counts]:
        """By partner."""
        accepted = {row["partner"]: row["accepted"] for row in self._ask(_ACCEPTED)}
        deliveries = {row["partner"]: row for row in self._ask(_DELIVERIES)}
        return {
            partner: Counts(
                accepted.get(partner, 0),
                *(deliveries[partner][name] if partner in deliveries else 0 for name in Counts._fields[1:]),
            )
            for partner in accepted.keys() | deliveries.keys()
        }

    def quarantined(self) -> Sequence[Kept]:
        """Rows about events and records of the bus."""
        return [
            Kept(
                row["cause"],
                row["says"] or "",
                row["event"] or (row["topic"] or "?", row["partition"] or 0, row["position"] or 0),
            )
            for row in self._ask(_QUARANTINE)
        ]

    def _ask(self, query: str) -> Sequence[Any]:
        return asyncio.run(self._persistently(query.format(schema=self._schema)))

    async def _persistently(self, query: str) -> Sequence[Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                connection = await asyncpg.connect(self._dsn, timeout=ANSWER_SECONDS)
                try:
                    return list(await connection.fetch(query, timeout=ANSWER_SECONDS))
                finally:
                    connection.terminate()
            except AWAY:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(REST_SECONDS)
