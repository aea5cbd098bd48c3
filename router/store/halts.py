"""Store halts. A halt is the position in a partner's source (its Kafka topic) at which the hub has stopped
reading, because it cannot read further. A partner has at most one."""

from collections.abc import Sequence

from contracts.errors import RecordRange
from router.domain.halts import Halt
from router.store.sql import Connection, Row, Sql

_NOTE = Sql(
    """
    INSERT INTO source_halt AS h (partner, topic, partition, first, following, cause, attempts)
    VALUES (:partner, :topic, :partition, :first, :following, :cause, 1)
    ON CONFLICT (partner) DO UPDATE SET
        topic = excluded.topic, partition = excluded.partition, first = excluded.first,
        following = excluded.following, cause = excluded.cause, go_on_at = NULL,
        attempts = CASE WHEN same.place THEN h.attempts + 1 ELSE 1 END,
        since = CASE WHEN same.place THEN h.since ELSE now() END
    RETURNING partner, topic, partition, first, following, cause, attempts, since, go_on_at
""".replace(
        "same.place", "(h.topic, h.partition, h.first) = (excluded.topic, excluded.partition, excluded.first)"
    )
)
_HALTS = (
    "SELECT partner, topic, partition, first, following, cause, attempts, since, go_on_at FROM source_halt"
)
_OF = Sql(f"{_HALTS} WHERE partner = :partner FOR UPDATE")
_OF_THE_REGISTRY = Sql(f"""
    {_HALTS} WHERE EXISTS (SELECT FROM partner WHERE partner.id = source_halt.partner) ORDER BY since LIMIT 1000
""")
_CLEAR = Sql("DELETE FROM source_halt WHERE partner = :partner")
_LET_GO_ON = Sql("UPDATE source_halt SET go_on_at = :offset WHERE partner = :partner")


async def note(connection: Connection, partner: str, records: RecordRange, cause: str) -> Halt:
    """Store a failed attempt to read the batch `records` of a partner's topic. Return the halt, with the number
    of failed attempts at this batch."""
    return _halt(await _NOTE.one(connection, partner=partner, cause=cause, **records._asdict()))


async def of(connection: Connection, partner: str) -> Halt | None:
    """Return and lock a partner's halt. Return None if the partner's topic is not halted."""
    row = await _OF.first(connection, partner=partner)
    return None if row is None else _halt(row)


async def read(connection: Connection) -> Sequence[Halt]:
    """Return the halts of all partners in the registry, at most 1,000, oldest first."""
    return [_halt(row) for row in await _OF_THE_REGISTRY.all(connection)]


async def let_go_on(connection: Connection, partner: str, offset: int) -> None:
    """Store that an operator lets the reading of a partner's topic resume at this offset."""
    await _LET_GO_ON.run(connection, partner=partner, offset=offset)


async def clear(connection: Connection, partner: str) -> None:
    """Delete a partner's halt."""
    await _CLEAR.run(connection, partner=partner)


def _halt(row: Row) -> Halt:
    records = RecordRange(row.topic, row.partition, row.first, row.following)
    return Halt(row.partner, records, row.cause, row.attempts, row.since, row.go_on_at)
