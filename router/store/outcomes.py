"""Why an event was not applied: `sans_effet`, `anomalie`, or a note that it was `repris_du_bus`."""

from collections.abc import Sequence
from uuid import UUID

from router.store.sql import Connection, Sql

_NOTE = Sql("""
    INSERT INTO outcome (event_id, kind, reason)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:kinds AS text[]), CAST(:reasons AS text[]))
    ON CONFLICT (event_id, kind) DO NOTHING
""")


async def note(connection: Connection, outcomes: Sequence[tuple[UUID, str, str]]) -> None:
    """Keep (event, kind, reason) of each."""
    if outcomes:
        await _NOTE.run(
            connection,
            ids=[event for event, _, _ in outcomes],
            kinds=[kind for _, kind, _ in outcomes],
            reasons=[reason for _, _, reason in outcomes],
        )
