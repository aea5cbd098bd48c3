"""Count the accepted events and due deliveries of a period by what became of them. Each part of the period is
read in one snapshot of the database."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from contracts.errors import BusUnavailable
from ops.balance import sql
from ops.balance.rules import LISTED, Account, Difference, Fate, Fault, together
from router.domain.vitals import LastCount
from router.store.database import Connection, Database, Row

TOTAL = "total"
WINDOW = timedelta(days=1)
"""Default period of `siao-hub compte`, and minimum period of the regular count of losses."""
COUNT_SECONDS = 50.0
"""Seconds after which the count of one part of the period is given up. They are fewer than the time-out of
every SQL statement (`STATEMENT_SECONDS`)."""
LONGEST = timedelta(days=7)
"""Maximum period of the regular count of losses."""


class Balance(NamedTuple):
    """Numbers of accepted events and of due deliveries in a period, by outcome."""

    accounts: tuple[Account, Account]
    """Counts of the accepted events, and of the due deliveries."""
    counted_to: datetime
    """End of the counted part: the period's end, or earlier if counting took too long."""


async def balance(
    database: Database, since: datetime, until: datetime, within_s: float | None = None
) -> Balance:
    """Count the accepted events and due deliveries of a period, by outcome. The count stops after `within_s`
    seconds, or if one day takes more than `COUNT_SECONDS`; `counted_to` says how far it came."""
    found: list[tuple[Account, Account]] = [(_account("accepté", ()), _account("dû", ()))]
    counted_to, step = since, WINDOW
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            with suppress(TimeoutError):
                async with asyncio.timeout(COUNT_SECONDS), database.statement() as connection:
                    counted_to = min(max(since, await sql.oldest(connection) or until), until)
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
    """Count the accepted events and due deliveries that are lost: nothing says what became of them. Store and
    return their number. The count covers the last day or, if this is longer, the time since the last count;
    if the last count found losses, also its period. It never covers more than seven days. Raises
    BusUnavailable if the database does not answer in time."""
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
    if last is None:
        return now - WINDOW
    return max(min(now - WINDOW, last.since if last.lost else last.at), now - LONGEST)


async def last_count(connection: Connection) -> LastCount | None:
    """Return the last count of losses, or None before the first."""
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
