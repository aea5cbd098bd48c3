"""Write the effects of a batch of events in one statement: subjects, deadlines, derived events, deliveries,
outcomes, and notifications.

The caller must have locked the events and the subjects (`taking`).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from uuid import UUID

from router.domain.deadlines import Change
from router.domain.subjects import Subject
from router.store import deadlines, deliveries, lanes, lists, log, outcomes, subjects
from router.store.database import LANES, OUTBOX
from router.store.deliveries import Owed
from router.store.lanes import LaneClaim
from router.store.outcomes import Outcome
from router.store.sql import Connection, Row, Sql

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
    """Return the statement that writes these kinds of effects, such as "states" or "deliveries". Give `parts`
    in the order of `_QUERIES`, so that two processes lock rows in the same order."""
    known = _QUERIES | {"deliveries": deliveries.RECORDED_WITH_NUMBERS} if "listed" in parts else _QUERIES
    queries = ", ".join(known[part] for part in parts)
    calls = f"SELECT {', '.join(_CALLS[part] for part in parts if part in _CALLS)}"
    if "claimed" in parts:
        return Sql(
            f"WITH {queries}, said AS ({calls}) SELECT leaving.* FROM said LEFT JOIN leaving ON true ORDER BY seq"
        )
    return Sql(f"WITH {queries} {calls}")


async def write(
    connection: Connection,
    channel: Callable[[str], str],
    *,
    states: Sequence[Subject] = (),
    runs: Sequence[tuple[UUID, Change]] = (),
    derived: Sequence[log.Entry] = (),
    listed: Sequence[lists.Changed] = (),
    owed: Sequence[Owed] = (),
    noted: Sequence[Outcome] = (),
    process: UUID | None = None,
    leases: Mapping[str, float] | None = None,
) -> dict[LaneClaim, list[Row]]:
    """Write the effects of a batch of events. `states` are the changed subjects, `runs` the changed deadlines
    of each subject, `derived` new events, `listed` changes of lists, `owed` new deliveries, and `noted` the
    outcomes of events. `channel` gives the full name of a notification channel.

    With `leases` (seconds, by partner), the free lanes of the new deliveries are also claimed for `process`. A
    lane is the deliveries to one partner about one subject. Return the deliveries of each claimed lane, as
    `lanes.claim` does. Without `leases`, return an empty dict. `leases` and `listed` must not be given
    together.
    """
    values: dict[str, Mapping[str, object]] = {
        "states": subjects.values_of(states) if states else {},
        "deadlines": deadlines.values_of(runs),
        "derived": log.values_of(derived) | {"outbox": channel(OUTBOX)} if derived else {},
        "listed": lists.values_of(listed) if listed else {},
        "deliveries": deliveries.values_of(owed) | {"due": channel(LANES)} if owed else {},
        "outcomes": outcomes.values_of(noted) if noted else {},
    }
    if leases and owed:
        offered = {"process": str(process), "offered": list(leases), "leases": list(leases.values())}
        values["claimed"] = {**values.pop("deliveries"), **offered}
    given = {name: value for asked in values.values() for name, value in asked.items()}
    if not given:
        return {}
    rows = await _statement(tuple(part for part in _QUERIES if values.get(part))).all(connection, **given)
    return lanes.by_lane([row for row in rows if row.partner is not None]) if "claimed" in values else {}
