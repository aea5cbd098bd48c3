"""A source that was not read on: somebody says from where it is. Who, and why, is audited."""

from router.domain.halts import Halt
from router.store import halts
from router.store.audit import record
from router.store.database import Database

GOES_ON = "lecture.reprendre"


async def let_go_on(database: Database, partner: str, offset: int, actor: str, why: str) -> Halt | None:
    """Let the process that reads it go on from an offset of its partition; where it had stopped. None, and nothing is
    done, where the source of this partner is not paused. Raises BusUnavailable."""
    async with database.transaction() as connection:
        halt = await halts.of(connection, partner)
        if halt is None or not halt.is_paused:
            return None
        await halts.let_go_on(connection, partner, offset)
        detail = {**halt.place._asdict(), "reprise": offset, "motif": why}
        await record(connection, actor, GOES_ON, partner, detail)
    return halt
