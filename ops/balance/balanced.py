"""Balance of a period, read from the tables at one moment."""

from collections.abc import Sequence
from datetime import datetime

from ops.balance import sql
from ops.balance.rules import LISTED, Account, Difference, Fate, Fault
from router.store.database import Connection, Row

TOTAL = "total"


async def balance(connection: Connection, since: datetime, until: datetime) -> tuple[Account, Account]:
    """Return the account of what was accepted, and that of what is due."""
    return (
        _account("accepté", await sql.accepted(connection, since, until, LISTED)),
        _account("dû", await sql.due(connection, since, until, LISTED)),
    )


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
