"""Write the consequences of a batch of events in one statement: states, deadlines, events, deliveries,
outcomes, wake-ups.

The caller holds the rows of the events and the locks of the states (`taking`). So no part of the statement
reads what another part writes.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from uuid import UUID

from router.domain.deadlines import Change
from router.domain.subjects import Subject
from router.store import deadlines, deliveries, lists, log, outcomes, subjects
from router.store.database import LANES, OUTBOX
from router.store.deliveries import Owed
from router.store.outcomes import Outcome
from router.store.sql import Connection, Sql


class Consequences(NamedTuple):
    """Consequences of a batch of events; any part may be empty."""

    states: Sequence[Subject] = ()
    deadlines: Sequence[tuple[UUID, Change]] = ()
    derived: Sequence[log.Entry] = ()
    listed: Sequence[lists.Changed] = ()
    deliveries: Sequence[Owed] = ()
    outcomes: Sequence[Outcome] = ()

    def values(self, channel: Callable[[str], str]) -> Mapping[str, Mapping[str, object]]:
        """Return the parameters of each part that is not empty."""
        values = {
            "states": subjects.values_of(self.states) if self.states else {},
            "deadlines": deadlines.values_of(self.deadlines),
            "derived": log.values_of(self.derived) | {"outbox": channel(OUTBOX)} if self.derived else {},
            "listed": lists.values_of(self.listed) if self.listed else {},
            "deliveries": deliveries.values_of(self.deliveries) | {"due": channel(LANES)}
            if self.deliveries
            else {},
            "outcomes": outcomes.values_of(self.outcomes) if self.outcomes else {},
        }
        return {part: asked for part, asked in values.items() if asked}


_QUERIES = {
    "states": f"saved AS ({subjects.SAVED})",
    "deadlines": deadlines.WRITTEN,
    "derived": f"rows AS ({log.ROWS}), appended AS ({log.APPENDED}), pending AS ({log.MADE_PENDING})",
    "listed": lists.CHANGED,
    "deliveries": deliveries.RECORDED,
    "outcomes": f"noted AS ({outcomes.NOTED})",
}
_CALLS = {"derived": "pg_notify(:outbox, '')", "deliveries": "pg_notify(:due, '')"}


@cache
def _statement(parts: tuple[str, ...]) -> Sql:
    """Make the statement that writes these parts, always in one order, so that two writers lock in one order
    too."""
    known = _QUERIES | {"deliveries": deliveries.RECORDED_WITH_NUMBERS} if "listed" in parts else _QUERIES
    queries, calls = (known[part] for part in parts), (_CALLS[part] for part in parts if part in _CALLS)
    return Sql(f"WITH {', '.join(queries)} SELECT {', '.join(calls)}")


async def write(connection: Connection, follows: Consequences, channel: Callable[[str], str]) -> None:
    """Write the consequences. When the transaction commits, the listeners that they concern are woken up, by
    `channel` of a name."""
    if values := follows.values(channel):
        given = {name: value for asked in values.values() for name, value in asked.items()}
        await _statement(tuple(values)).run(connection, **given)
