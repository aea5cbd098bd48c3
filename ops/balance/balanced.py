"""Balance of accepted events and due deliveries over a period: how many there were, and how many had each
outcome. It is read in one snapshot of the database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ops.balance import sql
from ops.balance.rules import LISTED, Account, Difference, Fate, Fault
from router.domain.vitals import LastCount
from router.store.database import Connection, Database, Row

TOTAL = "total"
WINDOW = timedelta(days=1)
"""One day: the default period of a balance, the least that a regular count of losses covers, and the most
that one of its statements reads."""
LONGEST = timedelta(days=7)
"""Longest period that a regular count of losses covers."""


async def balance(connection: Connection, since: datetime, until: datetime) -> tuple[Account, Account]:
    """Return two accounts of a period: one of accepted events, one of due deliveries. Each gives the total,
    and the number for each outcome."""
    return (
        _account("accepté", await sql.accepted(connection, since, until, LISTED)),
        _account("dû", await sql.due(connection, since, until, LISTED)),
    )


async def recount(database: Database) -> int:
    """Count the events and deliveries that were lost since about the last count. Store their number, and
    return it.

    A long period is counted day by day, so that no statement times out. Raises BusUnavailable if the database
    is away, or too slow for one day.
    """
    now, lost = datetime.now(UTC), 0
    async with database.statement() as connection:
        since = begin = _begin(await last_count(connection), now)
        while begin < now:
            end = min(begin + WINDOW, now)
            lost += sum(account.lost for account in await balance(connection, begin, end))
            begin = end
        await sql.keep_count(connection, since, now, lost)
    return lost


def _begin(last: LastCount | None, now: datetime) -> datetime:
    """Return the beginning of the next regular count of losses: the end of the `last` count, or its beginning
    if it found a loss. It lies between `WINDOW` and `LONGEST` ago."""
    if last is None:
        return now - WINDOW
    return max(min(now - WINDOW, last.since if last.lost else last.at), now - LONGEST)


async def last_count(connection: Connection) -> LastCount | None:
    """Return the last stored count of lost events and deliveries; None before the first."""
    row = await sql.last_count(connection)
    return row and LastCount(row.since, row.at, row.lost)


def _account(name: str, rows: Sequence[Row]) -> Account:
    numbers = {row.fate: int(row.number) for row in rows}
    return Account(
        name,
        numbers[TOTAL],
        {fate: numbers[fate.name] for fate in Fate if fate.name in numbers},
        tuple(
            Difference(Fault[row.fate], row.number, row.ids) for row in rows if row.fate in Fault.__members__
        ),
    )
