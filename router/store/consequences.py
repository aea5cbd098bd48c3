"""Write the consequences of a batch of events in one statement: states, deadlines, events, deliveries,
outcomes, wake-ups.

The caller must hold the events' rows and the locks of the states (`taking`): then no part of the statement
reads what another part writes.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from uuid import UUID

from router.domain.deadlines import Change
from router.domain.subjects import Subject
from router.store import deadlines, deliveries, lanes, lists, log, outcomes, subjects
from router.store.database import LANES, OUTBOX
from router.store.deliveries import Owed
from router.store.lanes import LaneClaim
from router.store.outcomes import Outcome
from router.store.sql import Connection, Row, Sql


class Offer(NamedTuple):
    """Permission of a dispatcher for a batch of events to claim free lanes in the name of the dispatcher's
    process."""

    process: UUID
    leases: Mapping[str, float]
    """Seconds for which a lane may be claimed, by partner. A partner that is not listed has no permission."""


class Consequences(NamedTuple):
    """Consequences of a batch of events; any part may be empty."""

    states: Sequence[Subject] = ()
    deadlines: Sequence[tuple[UUID, Change]] = ()
    derived: Sequence[log.Entry] = ()
    listed: Sequence[lists.Changed] = ()
    deliveries: Sequence[Owed] = ()
    outcomes: Sequence[Outcome] = ()
    offer: Offer | None = None
    """Permission of this process's dispatcher to claim lanes for `deliveries`; None without one, or if the
    batch changes lists."""

    def values(self, channel: Callable[[str], str]) -> Mapping[str, Mapping[str, object]]:
        """Return the parameters of each part of the statement that has something to write."""
        values = {
            "states": subjects.values_of(self.states) if self.states else {},
            "deadlines": deadlines.values_of(self.deadlines),
            "derived": log.values_of(self.derived) | {"outbox": channel(OUTBOX)} if self.derived else {},
            "listed": lists.values_of(self.listed) if self.listed else {},
            "claimed" if self.offer else "deliveries": self._owed(channel(LANES)) if self.deliveries else {},
            "outcomes": outcomes.values_of(self.outcomes) if self.outcomes else {},
        }
        return {part: asked for part, asked in values.items() if asked}

    def _owed(self, channel: str) -> Mapping[str, object]:
        values = deliveries.values_of(self.deliveries) | {"due": channel}
        if self.offer is None:
            return values
        process, leases = self.offer
        return values | {
            "process": str(process),
            "offered": list(leases),
            "leases": list(leases.values()),
        }


_QUERIES = {
    "states": f"saved AS ({subjects.SAVED})",
    "deadlines": deadlines.WRITTEN,
    "derived": f"rows AS ({log.ROWS}), appended AS ({log.APPENDED}), pending AS ({log.MADE_PENDING})",
    "listed": lists.CHANGED,
    "deliveries": deliveries.RECORDED,
    "claimed": deliveries.RECORDED_AND_CLAIMED,
    "outcomes": f"noted AS ({outcomes.NOTED})",
}
_CALLS = {
    "derived": "pg_notify(:outbox, '')",
    "deliveries": "pg_notify(:due, '')",
    "claimed": f"(SELECT pg_notify(:due, '') WHERE EXISTS ({deliveries.NOT_OFFERED}))",
}


@cache
def _statement(parts: tuple[str, ...]) -> Sql:
    """Make the statement that writes these parts, in one fixed order, so that two processes lock rows in one
    order."""
    known = _QUERIES | {"deliveries": deliveries.RECORDED_WITH_NUMBERS} if "listed" in parts else _QUERIES
    queries = ", ".join(known[part] for part in parts)
    calls = f"SELECT {', '.join(_CALLS[part] for part in parts if part in _CALLS)}"
    if "claimed" in parts:
        return Sql(
            f"WITH {queries}, said AS ({calls}) SELECT leaving.* FROM said LEFT JOIN leaving ON true ORDER BY seq"
        )
    return Sql(f"WITH {queries} {calls}")


async def write(
    connection: Connection, follows: Consequences, channel: Callable[[str], str]
) -> dict[LaneClaim, list[Row]]:
    """Write the consequences of a batch, and return the deliveries of the lanes that were claimed under the
    offer, as `lanes.claim` does.

    At the commit, listeners of the changed tables are woken up; `channel` gives the name of their channel.
    """
    if not (values := follows.values(channel)):
        return {}
    given = {name: value for asked in values.values() for name, value in asked.items()}
    rows = await _statement(tuple(values)).all(connection, **given)
    claimed = "claimed" in values
    return lanes.by_lane([row for row in rows if row.partner is not None]) if claimed else {}
