"""Write the effects of a batch of events in one statement.

The caller must have locked the events and their subjects (module `taking`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from router.domain.subjects import Subject
from router.store import deadlines, deliveries, lanes, limitations, lists, log, outcomes, subjects
from router.store.database import LANES, OUTBOX
from router.store.deadlines import Moved
from router.store.deliveries import Owed
from router.store.lanes import LaneClaim
from router.store.outcomes import Outcome
from router.store.sql import Connection, Row, Sql

_QUERIES = {
    "states": f"""
        saved AS ({subjects.SAVED} RETURNING {limitations.TIED} AS idents),
        limited AS ({limitations.FOLLOWED} RETURNING ident)
    """,
    "deadlines": deadlines.WRITTEN,
    "derived": f"rows AS ({log.ROWS}), appended AS ({log.APPENDED}), pending AS ({log.MADE_PENDING})",
    "listed": lists.CHANGED,
    "deliveries": deliveries.RECORDED,
    "claimed": deliveries.RECORDED_AND_CLAIMED,
    "outcomes": f"noted AS ({outcomes.NOTED})",
}
# PostgreSQL runs first what is read first: requests are locked before lanes, as at the end of a limitation.
_CALLS = {
    "states": "(SELECT count(*) FROM limited)",
    "derived": "pg_notify(:outbox, '')",
    "deliveries": "pg_notify(:due, '')",
    "claimed": f"(SELECT pg_notify(:due, '') WHERE EXISTS ({deliveries.NOT_OFFERED}))",
}


@cache
def _statement(parts: tuple[str, ...]) -> Sql:
    """Return one SQL statement that runs the queries named in `parts`. The names must come in the order of
    `_QUERIES`, the table of all queries, so that processes cannot deadlock."""
    known = _QUERIES | {"deliveries": deliveries.RECORDED_WITH_NUMBERS} if "listed" in parts else _QUERIES
    queries = ", ".join(known[part] for part in parts)
    calls = f"SELECT {', '.join(_CALLS[part] for part in parts if part in _CALLS)}"
    if "claimed" in parts:
        return Sql(
            f"WITH {queries}, said AS ({calls}) SELECT leaving.* FROM said LEFT JOIN leaving ON true ORDER BY seq"
        )
    return Sql(f"WITH {queries} {calls}")


@dataclass(slots=True)
class Consequences:
    """Effects of a batch of events. They are collected while the rules are applied, and then written
    together."""

    subjects: list[Subject] = field(default_factory=list)
    """Changed subjects, in their new state."""
    deadlines: Moved = field(default_factory=dict)
    events: list[log.Entry] = field(default_factory=list)
    """Derived events. Each must have its proof before it is written."""
    listed: list[lists.Changed] = field(default_factory=list)
    deliveries: list[Owed] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


async def write(connection: Connection, channel: Callable[[str], str], consequences: Consequences) -> None:
    """Write the effects of a batch of events to the database. `channel` is `Database.channel`, which returns
    the full name of a PostgreSQL notification channel."""
    await _write(connection, _values_of(consequences, channel))


async def write_and_claim(
    connection: Connection,
    channel: Callable[[str], str],
    consequences: Consequences,
    process: UUID,
    leases: Mapping[str, float],
) -> dict[LaneClaim, list[Row]]:
    """Write the effects of a batch of events. The effects must include deliveries, and no changes of readers'
    lists. Claim for `process` the free lanes into which the deliveries go. Return the deliveries to send, by
    claimed lane. `leases` has, by partner, for how many seconds a lane is claimed. If `leases` lacks a
    partner, its lanes are not claimed. `channel` is `Database.channel`, which returns the full name of a
    PostgreSQL notification channel."""
    values = _values_of(consequences, channel)
    offered = {"process": str(process), "offered": list(leases), "leases": list(leases.values())}
    values["claimed"] = {**values.pop("deliveries"), **offered}
    rows = await _write(connection, values)
    return lanes.by_lane([row for row in rows if row.partner is not None])


def _values_of(consequences: Consequences, channel: Callable[[str], str]) -> dict[str, Mapping[str, object]]:
    events, owed = consequences.events, consequences.deliveries
    return {
        "states": subjects.values_of(consequences.subjects) if consequences.subjects else {},
        "deadlines": deadlines.values_of(consequences.deadlines) if consequences.deadlines else {},
        "derived": log.values_of(events) | {"outbox": channel(OUTBOX)} if events else {},
        "listed": lists.values_of(consequences.listed) if consequences.listed else {},
        "deliveries": deliveries.values_of(owed) | {"due": channel(LANES)} if owed else {},
        "outcomes": outcomes.values_of(consequences.outcomes) if consequences.outcomes else {},
    }


async def _write(connection: Connection, values: Mapping[str, Mapping[str, object]]) -> Sequence[Row]:
    given = {name: value for asked in values.values() for name, value in asked.items()}
    if not given:
        return ()
    return await _statement(tuple(part for part in _QUERIES if values.get(part))).all(connection, **given)
