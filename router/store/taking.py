"""Lock what a batch needs in one round trip: outbox rows, the quarantine rows that block them, and subjects.

The SQL function `take_events` runs three queries, each of which sees all commits before it. A single one
would see the state from before it waited for a lock.
"""

from collections.abc import Collection
from uuid import UUID

from router.domain.subjects import Subject
from router.store import subjects
from router.store.sql import Connection, Sql

_TAKE = Sql("""
    SELECT * FROM take_events(CAST(:events AS uuid[]), CAST(:about AS uuid[]), CAST(:moved AS uuid[]))
""")


async def take(
    connection: Connection, events: Collection[UUID], about: Collection[UUID], moved: Collection[UUID]
) -> tuple[dict[UUID, tuple[int, bool]], dict[UUID, UUID | None], dict[UUID, Subject]]:
    """Delete the outbox rows of those `events` that are pending, so that only this transaction applies them.
    Lock the subjects `about` and `moved`, in the order of their ids.

    Return three mappings. The first has the sequence number of each pending event, and whether the event is
    bulk. The second has each blocked subject of `about`: with the event that blocks it, if this event is being
    replayed, else with None. The third has the known subjects of `moved`.
    """
    positions: dict[UUID, tuple[int, bool]] = {}
    blocked: dict[UUID, UUID | None] = {}
    states: dict[UUID, Subject] = {}
    for row in await _TAKE.all(connection, events=list(events), about=list(about), moved=list(moved)):
        match row.kind:
            case "token":
                positions[row.id] = row.seq, row.bulk
            case "blocked":  # newest first, so that the oldest row is kept
                blocked[row.id] = row.blocked_by
            case _ if row.id in moved:
                states[row.id] = subjects.subject_of(row)
    return positions, blocked, states
