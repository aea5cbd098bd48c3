"""Many pending events for the relay, without the hours of sending them."""

from uuid import UUID

from contracts.v1.place import PlaceVacante
from tests.integration.memory import Memory

_MANY = """
    WITH kept AS (
        INSERT INTO event (id, type, source, subject, territoire, correlation, payload)
        SELECT gen_random_uuid(), $2, $1, gen_random_uuid(), '01', gen_random_uuid(), '{}'
        FROM generate_series(1, $3) RETURNING id, seq, source, subject
    )
    INSERT INTO outbox (event_id, seq, shard, partner, subject, bulk)
    SELECT id, seq, get_byte(uuid_send(subject), 15), source, subject, $4 FROM kept
"""


async def many(memory: Memory, partner: str, number: int, *, bulk: bool) -> None:
    """Add `number` pending events of a partner, each about a place of its own."""
    await memory.sql(_MANY, partner, PlaceVacante.TYPE, number, bulk)


async def sources(memory: Memory, events: list[UUID]) -> list[str]:
    """Return the sender of each of these events."""
    rows = await memory.sql("SELECT id, source FROM event WHERE id = ANY($1)", events)
    known = {row["id"]: row["source"] for row in rows}
    return [known[event] for event in events]


async def lanes_of_bulk(memory: Memory) -> set[UUID]:
    """Return the subjects of lanes whose deliveries come from large files."""
    return {row["subject"] for row in await memory.sql("SELECT subject FROM lane WHERE bulk")}
