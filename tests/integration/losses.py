"""Losses that a bug of the hub, or a change by hand in its tables, could cause."""

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
"""SQL that causes each loss. It returns the id under which the balance must report the loss."""


async def lost(memory: Memory, fault: Fault) -> UUID:
    """Cause one loss of this kind; return the id under which the balance must report it."""
    (row,) = await memory.sql(LOSSES[fault])
    ident: Any = row["id"]
    return UUID(str(ident))
