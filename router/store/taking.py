"""What a batch of events takes before it is applied, in one round trip: rows, what blocks its subjects, their states.

The function `take_events` asks three questions, one after the other, and each sees what was committed before it. One
query would see all as it was before it waited for a lock. So by the time quarantine is looked at, who had one of the
events, or another about the same subject, has written what came of it. A subject is read once it is locked.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Subject
from router.store import subjects
from router.store.log import Turn
from router.store.sql import Connection, Sql

_TAKE = Sql("""
    SELECT * FROM take_events(CAST(:events AS uuid[]), CAST(:about AS uuid[]), CAST(:moved AS uuid[]))
""")


class Found(NamedTuple):
    """What was taken and seen; all of it is locked until the transaction ends."""

    turns: Mapping[UUID, Turn]
    """Where those of the events stood that were pending: nobody else may apply them."""
    blocked: Mapping[UUID, UUID | None]
    """Subjects with an event in quarantine, each with the oldest such event if that one is being replayed. Who unblocks
    a subject and who parks behind it wait for each other."""
    states: Mapping[UUID, Subject]
    """Where the subjects that may move stand, of those that are known."""


async def take(
    connection: Connection, events: Collection[UUID], about: Collection[UUID], moved: Collection[UUID]
) -> Found:
    """Take those of these events that are pending; lock the subjects that they are `about` or that may be `moved`, in
    order of id; see where the latter stand, and what blocks the former."""
    turns: dict[UUID, Turn] = {}
    blocked: dict[UUID, UUID | None] = {}
    states: dict[UUID, Subject] = {}
    for row in await _TAKE.all(connection, events=list(events), about=list(about), moved=list(moved)):
        match row.kind:
            case "token":
                turns[row.id] = Turn(row.seq, row.bulk)
            case "blocked":  # the oldest comes last
                blocked[row.id] = row.blocked_by
            case _ if row.id in moved:
                states[row.id] = subjects.subject_of(row)
    return Found(turns, blocked, states)
