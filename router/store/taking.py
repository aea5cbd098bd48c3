"""Lock all rows that are needed to apply a batch of events, in one round trip: the events' outbox rows, the
events in quarantine that block their subjects, and the states of the subjects.

The SQL function `take_events` runs three queries one after the other, so that each sees all earlier commits.
A single query would see the state from before it waited for a lock.
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
    """Remove the outbox rows of those `events` that are pending, so that only this transaction applies them.
    Lock, in order of id, the subjects that the events are `about` and those that may be `moved`.

    Return three mappings. The first has each pending event, with its number (`seq`) and whether it is bulk.
    The second has each subject of `about` that an event in quarantine blocks, with that event if it is being
    replayed, else None. The third has the known subjects of `moved`, with their states.
    """
    positions: dict[UUID, tuple[int, bool]] = {}
    blocked: dict[UUID, UUID | None] = {}
    states: dict[UUID, Subject] = {}
    for row in await _TAKE.all(connection, events=list(events), about=list(about), moved=list(moved)):
        match row.kind:
            case "token":
                positions[row.id] = row.seq, row.bulk
            case "blocked":  # rows come newest first, so the oldest one stays
                blocked[row.id] = row.blocked_by
            case _ if row.id in moved:
                states[row.id] = subjects.subject_of(row)
    return positions, blocked, states
