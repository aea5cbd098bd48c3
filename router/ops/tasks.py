"""Deliveries that wait for a human: refused by the partner, gone without an answer to one that cannot tell, or waiting
for too long.

The hub never decides alone here. Who decided, and why, is audited; a decision that comes second changes nothing.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from router.store import tasks
from router.store.audit import record
from router.store.database import LANES, Connection, Database

Decision = Callable[[Connection, UUID], Awaitable[str | None]]
SENT_AGAIN, CLOSED = "livraison.renvoyer", "livraison.classer"


async def send_again(database: Database, delivery: UUID, actor: str, why: str) -> bool:
    """Send it again under its key: before what still waits for the same partner and subject, after what has
    left. False where it is no task. Raises BusUnavailable."""
    return await _decide(database, tasks.send_again, SENT_AGAIN, delivery, actor, why)


async def send_refused_again(database: Database, partner: str, actor: str, why: str) -> int:
    """Send all again that a partner refused, now that it has mended what it refused them for; how many. In several
    transactions, for all dispatchers wait for a lane that is locked."""
    total = 0
    while True:
        async with database.transaction() as connection:
            sent = await tasks.send_refused_again(connection, partner, actor, SENT_AGAIN, why)
            await database.notify(connection, LANES)
        total += sent
        if not sent:
            return total


async def close(database: Database, delivery: UUID, actor: str, why: str) -> bool:
    """Leave it at that: it arrived, or is settled another way. False where it is no task. Raises BusUnavailable."""
    return await _decide(database, tasks.close, CLOSED, delivery, actor, why)


async def _decide(
    database: Database, decision: Decision, action: str, delivery: UUID, actor: str, why: str
) -> bool:
    async with database.transaction() as connection:
        partner = await decision(connection, delivery)
        if partner is None:
            return False
        await record(connection, actor, action, str(delivery), {"partenaire": partner, "motif": why})
        await database.notify(connection, LANES)
    return True
