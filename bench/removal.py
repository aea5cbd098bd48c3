"""Measures the removal of many old rows, and the waits of messages that reach the gateway meanwhile."""

import asyncio
from dataclasses import dataclass

from bench.ground import Ground
from bench.passage import retain
from bench.sending import ready, send

OLD_EVENTS = 300_000
MESSAGES, PER_SECOND = 100, 50.0
"""Messages in one run of the sender, and messages per second. Runs follow each other until the removal ends."""
_EVENTS = """
    INSERT INTO event (id, type, source, subject, territoire, time, correlation, payload)
    SELECT gen_random_uuid(), type, source, gen_random_uuid(), territoire, now() - interval '200 days',
           gen_random_uuid(), payload
    FROM generate_series(1, $1), (SELECT type, source, territoire, payload FROM event LIMIT 1) AS known
"""
_DELIVERIES = """
    INSERT INTO delivery (id, partner, subject, event_id, etat, created_at, settled_at)
    SELECT gen_random_uuid(), 'siao', subject, id, 'livree', time, time
    FROM event WHERE time < now() - interval '100 days'
"""
_LEFT = "SELECT count(*) FROM event WHERE time < now() - interval '100 days'"


@dataclass(frozen=True, slots=True)
class Removal:
    """The figures of one retention sweep over old events, each with one delivery."""

    rows: int
    """Number of events and deliveries that were removed."""
    seconds: float
    """Seconds from the start of the scheduler until it has finished its first sweep."""
    answers: int
    """Number of messages that were accepted during the sweep."""
    longest_s: float
    """Longest time from a message's intended sending to its answer, in seconds."""


async def removal(ground: Ground, events: int) -> Removal:
    """Remove `events` old events while the gateway takes messages, and return the figures. Raises BenchFailed if a
    message is not accepted."""
    async with ground.sql() as connection:
        await connection.execute(_EVENTS.replace("$1", str(events)))
        await connection.execute(_DELIVERIES)
        waits: list[float] = []
        with ground.hub("gateway"):
            await ready(ground)
            sweeping = asyncio.create_task(retain(ground, {}))
            while not sweeping.done():
                sent = await send(ground, MESSAGES, PER_SECOND)
                waits += [request.answered - request.moment for request in sent.requests]
            removed = events - await connection.fetchval(_LEFT)
    return Removal(2 * removed, await sweeping, len(waits), max(waits))
