"""Take a batch of events before it is applied, in one round trip: their outbox rows, the events in quarantine
that block their subjects, and the states of the subjects.

The SQL function `take_events` runs three queries one after the other, and each sees all earlier commits. A
single query would see the state before it waited for a lock. So when quarantine is read, any process that
held one of the events, or another event of its subject, has written its result. A subject is read once it is
locked.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from router.domain.subjects import Subject
from router.store import subjects
from router.store.log import Position
from router.store.sql import Connection, Sql

_TAKE = Sql("""
    SELECT * FROM take_events(CAST(:events AS uuid[]), CAST(:about AS uuid[]), CAST(:moved AS uuid[]))
""")


class Taken(NamedTuple):
    """Rows that were taken to apply a batch of events, and the rows read with them. All are locked until the
    transaction ends."""

    positions: Mapping[UUID, Position]
    """Positions of the events that were pending, by event. No other process may apply them."""
    blocked: Mapping[UUID, UUID | None]
    """Subjects with an event in quarantine, each with the oldest such event if it is being replayed, else
    None. The quarantine rows are locked: no subject is unblocked while another event is being parked."""
    states: Mapping[UUID, Subject]
    """Present states of the known subjects among `moved`, by id."""


async def take(
    connection: Connection, events: Collection[UUID], about: Collection[UUID], moved: Collection[UUID]
) -> Taken:
    """Remove the outbox rows of the pending ones among `events`, so that only this transaction applies them.
    Lock, in order of id, the subjects `about` (those of the events) and `moved` (those that may change).
    Return what blocks the subjects `about`, and the states of `moved`."""
    positions: dict[UUID, Position] = {}
    blocked: dict[UUID, UUID | None] = {}
    states: dict[UUID, Subject] = {}
    for row in await _TAKE.all(connection, events=list(events), about=list(about), moved=list(moved)):
        match row.kind:
            case "token":
                positions[row.id] = Position(row.seq, row.bulk)
            case "blocked":  # rows come newest first, so the oldest one stays
                blocked[row.id] = row.blocked_by
            case _ if row.id in moved:
                states[row.id] = subjects.subject_of(row)
    return Taken(positions, blocked, states)
