"""End a halt in the reading of a partner's Kafka topic: the hub had stopped before a batch that it cannot
read."""

from router.domain.halts import Halt
from router.store import halts
from router.store.audit import record
from router.store.database import Database

GOES_ON = "lecture.reprendre"


async def let_go_on(database: Database, partner: str, offset: int, actor: str, why: str) -> Halt | None:
    """Let the hub read a partner's halted topic again, from the record with the number `offset` on. Return
    the halt that this ends; None if the topic was not halted. Raises BusUnavailable if the database does not
    answer."""
    async with database.transaction() as connection:
        halt = await halts.of(connection, partner)
        if halt is None or not halt.is_paused:
            return None
        await halts.let_go_on(connection, partner, offset)
        detail = {**halt.records._asdict(), "reprise": offset, "motif": why}
        await record(connection, actor, GOES_ON, partner, detail)
    return halt
