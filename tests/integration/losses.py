"""What a bug of the hub, or a hand in its tables, could lose."""

from typing import Any
from uuid import UUID

from ops.balance.rules import Fault
from tests.integration.memory import Memory

LOSSES = {
    Fault.NON_TENU: """
        DELETE FROM event WHERE id = (SELECT event_id FROM outbox ORDER BY seq LIMIT 1) RETURNING correlation AS id""",
    Fault.SANS_TRACE: """
        DELETE FROM outbox WHERE seq = (SELECT min(seq) FROM outbox) RETURNING event_id AS id""",
    Fault.SANS_FILE: """
        DELETE FROM lane USING delivery d WHERE d.seq = (SELECT min(seq) FROM delivery)
        AND (lane.partner, lane.subject) = (d.partner, d.subject) RETURNING d.id""",
    Fault.SANS_EVENEMENT: """
        DELETE FROM event USING delivery d
        WHERE d.seq = (SELECT min(seq) FROM delivery) AND event.id = d.event_id RETURNING d.id""",
    Fault.INCONNU: """
        UPDATE delivery SET etat = 'perdue' WHERE seq = (SELECT min(seq) FROM delivery) RETURNING id""",
}
"""Each with who has the fault afterwards."""


async def lost(memory: Memory, fault: Fault) -> UUID:
    """Lose one, and return the id by which the balance has to name it."""
    (row,) = await memory.sql(LOSSES[fault])
    ident: Any = row["id"]
    return UUID(str(ident))
