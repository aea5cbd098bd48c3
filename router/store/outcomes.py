"""Why an event was not applied: `sans_effet`, `anomalie`, or a note that it was `repris_du_bus`."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Sql

Outcome = tuple[UUID, str, str]
"""An event, the kind of what became of it, and the reason."""

NOTED = """
    INSERT INTO outcome (event_id, kind, reason)
    SELECT * FROM unnest(CAST(:ended AS uuid[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]))
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
        "ended": [event for event, _, _ in outcomes],
        "kinds": [kind for _, kind, _ in outcomes],
        "reasons": [reason for _, _, reason in outcomes],
    }
