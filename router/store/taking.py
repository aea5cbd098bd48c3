"""Lock everything that a batch of events needs, in one round trip to PostgreSQL: the outbox rows of the events,
the quarantine rows that block them, and the referrals, places… that they are about.

The SQL function `take_events` runs three queries one after the other: each sees all commits before it. A single
query would see the state from before it waited for a lock.
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
    """Lock what a batch of events needs. Delete the outbox rows of the pending events among `events`: then only
    this transaction applies them. Lock, in the order of their ids, the referrals, places… that the events are
    about (`about`) or that the rules may change (`moved`).

    Return three mappings. The first has the sequence number of each pending event, and whether its message has
    more than 100 rows. The second has each id of `about` that an event in quarantine blocks, with the id of
    this event if it is being replayed, else None. The third has the known referrals, places… of `moved`.
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
