"""Store the outcomes of events. There are three kinds:

- `sans_effet`: the event had no effect
- `anomalie`: a rule forbade the event, and it was not applied
- `repris_du_bus`: the database had lost the event in a restore or failover, and got it back from Kafka
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql


class Outcome(NamedTuple):
    """Outcome of an event: it had no effect (`sans_effet`), a rule forbade it (`anomalie`), or the database
    lost it and got it back from Kafka (`repris_du_bus`)."""

    event: UUID
    kind: str
    reason: str
    etat: str | None = None
    """State of the subject when the rules were applied to the event."""


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
"""Statement that stores outcomes. An event has at most one outcome of each kind."""
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
