"""Lock, in one round trip, what a batch of events needs: the events' outbox rows, the quarantine rows that
block their subjects, and all subjects that the events are about or change.

The SQL function `take_events` runs three queries. So a later query sees what was committed while an earlier
query waited for a lock.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Subject
from router.store import log, subjects
from router.store.sql import Connection, Sql

_TAKE = Sql("""
    SELECT * FROM take_events(CAST(:events AS uuid[]), CAST(:about AS uuid[]), CAST(:moved AS uuid[]))
""")


class Taken(NamedTuple):
    """Result of `take`: the pending events, the blocked subjects, and the states of the locked subjects, each
    by id."""

    pending: dict[UUID, log.Entry]
    blocked: dict[UUID, UUID | None]
    """Blocked subjects. The value is the event in quarantine that may pass because it is replayed, None if no
    event may pass."""
    states: dict[UUID, Subject]

    def blocks(self, event: log.Entry) -> bool:
        """Tell whether the event has to wait behind another event of its subject, which is in quarantine."""
        return self.blocked.get(event.attributes.subject, event.attributes.id) != event.attributes.id


async def take(
    connection: Connection,
    events: Mapping[UUID, log.Entry],
    about: Collection[UUID],
    moved: Collection[UUID],
) -> Taken:
    """Delete the outbox rows of those `events` that are pending, so that only this transaction applies them.
    Lock all subjects in `about` and `moved`. Return the pending events, the states of the subjects in
    `moved`, and which subjects in `about` are blocked. `about` has the subjects of the events. `moved` has
    the subjects whose states the caller needs; they may be in `about` too."""
    taken = Taken({}, {}, {})
    for row in await _TAKE.all(connection, events=list(events), about=list(about), moved=list(moved)):
        match row.kind:
            case "token":
                taken.pending[row.id] = events[row.id]._replace(seq=row.seq, bulk=row.bulk)
            case "blocked":  # newest first, so that the oldest row is kept
                taken.blocked[row.id] = row.blocked_by
            case _ if row.id in moved:
                taken.states[row.id] = subjects.subject_of(row)
    return taken
