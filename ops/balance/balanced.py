"""Balance of accepted events and due deliveries over a period: how many there were, and how many had each
outcome. Each part of the period is read in one snapshot of the database."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from contracts.errors import BusUnavailable
from ops.balance import sql
from ops.balance.rules import LISTED, Account, Difference, Fate, Fault, together
from router.domain.vitals import LastCount
from router.store.database import Connection, Database, Row

TOTAL = "total"
WINDOW = timedelta(days=1)
"""One day. It is the default period of a balance, and the shortest period in which the hub regularly counts
lost events and deliveries. A long period is counted in parts of at least this length; only the last part may
be shorter."""
COUNT_SECONDS = 50.0
"""Seconds after which the count of one part of a period is given up. Shorter than the time-out of every
statement (`STATEMENT_SECONDS`), so that the count ends first."""
LONGEST = timedelta(days=7)
"""Longest period in which the hub regularly counts lost events and deliveries."""


class Balance(NamedTuple):
    """Numbers of accepted events and of due deliveries in a period, by outcome. Nothing after the moment
    `counted_to` is counted."""

    accounts: tuple[Account, Account]
    """Counts by outcome: of the accepted events, and of the due deliveries."""
    counted_to: datetime
    """Moment up to which events and deliveries were counted. If the period ends later, the rest of it is
    unknown, because the count of one day took more than `COUNT_SECONDS`."""


async def balance(database: Database, since: datetime, until: datetime) -> Balance:
    """Return the numbers of accepted events and due deliveries in a period, with their outcomes. The period is
    counted part by part, each within `COUNT_SECONDS`.

    The first part is a day, each further part twice as long as the part before it, so that a long period is
    read in few statements. A part that takes too long is tried again as one day. If a day takes too long, the
    balance ends there.
    """
    found: list[tuple[Account, Account]] = [(_account("accepté", ()), _account("dû", ()))]
    async with database.statement() as connection:
        oldest = await sql.oldest(connection)
    counted_to, step = min(max(since, oldest or until), until), WINDOW
    while counted_to < until:
        end = min(counted_to + step, until)
        try:
            async with asyncio.timeout(COUNT_SECONDS), database.statement() as connection:
                found.append(await _of_part(connection, counted_to, end))
        except TimeoutError:
            if step == WINDOW:
                break
            step = WINDOW
        else:
            counted_to, step = end, 2 * step
    accepted, due = zip(*found, strict=True)
    return Balance((together(accepted), together(due)), counted_to)


async def _of_part(connection: Connection, since: datetime, until: datetime) -> tuple[Account, Account]:
    return (
        _account("accepté", await sql.accepted(connection, since, until, LISTED)),
        _account("dû", await sql.due(connection, since, until, LISTED)),
    )


async def recount(database: Database) -> int:
    """Count the events and deliveries lost since the last count. Store their number, and return it. The counted
    period is at least `WINDOW` and at most `LONGEST` long.

    Raises BusUnavailable if the database is away, or if counting one day takes too long.
    """
    now = datetime.now(UTC)
    async with database.statement() as connection:
        since = _begin(await last_count(connection), now)
    found = await balance(database, since, now)
    if found.counted_to < now:
        raise BusUnavailable(f"le compte d'un jour a dépassé {COUNT_SECONDS:.0f} s")
    lost = sum(account.lost for account in found.accounts)
    async with database.statement() as connection:
        await sql.keep_count(connection, since, now, lost)
    return lost


def _begin(last: LastCount | None, now: datetime) -> datetime:
    """Return the start of the period for which events and deliveries are counted next, to find losses.
    Usually the period begins where the `last` count ended. If the last count found a loss, its period is
    counted again.

    The period is never shorter than `WINDOW`, nor longer than `LONGEST`.
    """
    if last is None:
        return now - WINDOW
    return max(min(now - WINDOW, last.since if last.lost else last.at), now - LONGEST)


async def last_count(connection: Connection) -> LastCount | None:
    """Return the last stored count of lost events and deliveries; None if no count is stored."""
    row = await sql.last_count(connection)
    return row and LastCount(row.since, row.at, row.lost)


def _account(name: str, rows: Sequence[Row]) -> Account:
    numbers = {row.fate: int(row.number) for row in rows}
    return Account(
        name,
        numbers.get(TOTAL, 0),
        {fate: numbers[fate.name] for fate in Fate if fate.name in numbers},
        tuple(
            Difference(Fault[row.fate], row.number, row.ids) for row in rows if row.fate in Fault.__members__
        ),
    )
