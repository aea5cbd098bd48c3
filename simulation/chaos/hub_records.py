"""Read access to the hub's own tables: accepted rows, deliveries, quarantine."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from simulation.chaos.ledger import Kept
from simulation.observed import Delivery

ANSWER_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
REST_SECONDS = 0.3
AWAY = (
    *(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError),
    asyncpg.InternalClientError,  # a connection that broke in the middle of an answer
)
"""What a query raises while PostgreSQL is unreachable."""

_ACCEPTED = "SELECT partner, sum(accepted)::int AS accepted FROM {schema}.inbox GROUP BY partner"
_DELIVERIES = """
    SELECT d.partner, d.id::text, d.event_id::text AS event, d.subject::text, d.etat,
           array_to_string((string_to_array(e.type, '.'))[4:5], '.') AS kind
    FROM {schema}.delivery d JOIN {schema}.event e ON e.id = d.event_id ORDER BY d.seq
"""
_QUARANTINE = """
    SELECT cause, detail ->> 'message' AS says, event_id::text AS event,
           detail ->> 'topic' AS topic, (detail ->> 'partition')::int AS partition,
           (detail ->> 'offset')::int AS position
    FROM {schema}.quarantine WHERE message_id IS NULL
"""


class HubRecords:
    """Read-only access to the hub's tables. Every query waits while PostgreSQL is unreachable."""

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn, self._schema = dsn, schema

    def accepted(self) -> Mapping[str, int]:
        """Return the number of accepted rows, by sender."""
        return {row["partner"]: row["accepted"] for row in self._ask(_ACCEPTED) if row["accepted"]}

    def deliveries(self) -> Sequence[Delivery]:
        """Return all deliveries, in the order in which they became due."""
        return [Delivery(*(row[name] for name in Delivery._fields)) for row in self._ask(_DELIVERIES)]

    def quarantined(self) -> Sequence[Kept]:
        """Return the quarantine's entries about events and Kafka records."""
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
