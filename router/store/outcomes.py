"""Store the outcomes of events. The outcome `sans_effet` or `anomalie` says that the event was not applied. The
outcome `repris_du_bus` says that it was read back from Kafka after a restore of the database."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql


class Outcome(NamedTuple):
    """What became of an event when the rules were applied to it: a kind of outcome, and a reason."""

    event: UUID
    kind: str
    reason: str
    etat: str | None = None
    """State of the referral, demand… at the moment when the rules were applied to the event."""


NOTED = """
    INSERT INTO outcome (event_id, kind, reason, etat)
    SELECT * FROM unnest(CAST(:ended AS uuid[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]),
                         CAST(:stood AS text[]))
    ON CONFLICT (event_id, kind) DO NOTHING
"""
"""Statement that stores outcomes of events. It changes nothing for an event that already has an outcome of
the same kind."""
_NOTE = Sql(NOTED)


async def note(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Store outcomes of events. Nothing changes for an event that already has an outcome of the same kind."""
    if outcomes:
        await _NOTE.run(connection, **values_of(outcomes))


def values_of(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the parameters of the query `NOTED` for these outcomes."""
    return {
        "ended": [each.event for each in outcomes],
        "kinds": [each.kind for each in outcomes],
        "reasons": [each.reason for each in outcomes],
        "stood": [each.etat for each in outcomes],
    }
