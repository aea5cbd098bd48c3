"""Why an event was not applied: `sans_effet`, `anomalie`, or a note that it was `repris_du_bus`."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql


class Outcome(NamedTuple):
    """What became of an event."""

    event: UUID
    kind: str
    reason: str
    etat: str | None = None
    """Where its subject stood when it was judged."""


NOTED = """
    INSERT INTO outcome (event_id, kind, reason, etat)
    SELECT * FROM unnest(CAST(:ended AS uuid[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]),
                         CAST(:stood AS text[]))
    ON CONFLICT (event_id, kind) DO NOTHING
"""
"""Keeps what `values_of` gives."""
_NOTE = Sql(NOTED)


async def note(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    """Keep what became of each event."""
    if outcomes:
        await _NOTE.run(connection, **values_of(outcomes))


def values_of(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """What `NOTED` asks for."""
    return {
        "ended": [each.event for each in outcomes],
        "kinds": [each.kind for each in outcomes],
        "reasons": [each.reason for each in outcomes],
        "stood": [each.etat for each in outcomes],
    }
