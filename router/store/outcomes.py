"""Store the outcomes of events: `sans_effet` or `anomalie` (not applied), `repris_du_bus` (read back from
Kafka after a restore)."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql


class Outcome(NamedTuple):
    """Note on an event that had no effect (`sans_effet`), that a rule forbade (`anomalie`), or that the
    database lost and got back from Kafka (`repris_du_bus`)."""

    event: UUID
    kind: str
    reason: str
    etat: str | None = None
    """State of the subject at that moment."""


_DONE_WITH = """
    NOT EXISTS (SELECT FROM outbox WHERE event_id = e.id)
    AND NOT EXISTS (SELECT FROM inbox WHERE id = e.correlation AND held AND e.message_row IS NOT NULL)
    AND NOT EXISTS (SELECT FROM quarantine WHERE event_id = e.id AND etat IN ('ouverte', 'rejouee'))
    AND NOT EXISTS (SELECT FROM outcome WHERE event_id = e.id AND kind
"""
APPLIED = f"{_DONE_WITH} = 'anomalie')"
"""SQL condition on an event `e`: it was applied, and no rule forbade it. A deferred event is not applied: its
message may still be refused."""
HAD_AN_EFFECT = f"{_DONE_WITH} IN ('sans_effet', 'anomalie'))"
"""SQL condition on an event `e`: it was applied, and had an effect. Only such events decide the state of their
subject."""
NOTED = """
    INSERT INTO outcome (event_id, kind, reason, etat)
    SELECT * FROM unnest(CAST(:ended AS uuid[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]),
                         CAST(:stood AS text[]))
    ON CONFLICT (event_id, kind) DO NOTHING
"""
"""Statement that stores outcomes, one of each kind for an event."""
_NOTE = Sql(NOTED)


async def note(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Store what became of events: each had no effect, was forbidden by a rule, or was read back from Kafka. If
    an event already has an outcome of the same kind, the earlier outcome stays."""
    if outcomes:
        await _NOTE.run(connection, **values_of(outcomes))


def values_of(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the parameters of the SQL statement `NOTED`, which stores outcomes."""
    return {
        "ended": [each.event for each in outcomes],
        "kinds": [each.kind for each in outcomes],
        "reasons": [each.reason for each in outcomes],
        "stood": [each.etat for each in outcomes],
    }
