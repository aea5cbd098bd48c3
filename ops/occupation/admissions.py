"""Occupation and admissions by manager, for the command and the console."""

from datetime import date, datetime
from typing import NamedTuple

from ops.occupation import sql as store
from ops.occupation.compared import Admissions, Occupation
from router.store.database import Connection

MONTHS_FROM_RECEIPT = 3
"""Longest time, in months, from the receipt of a referral to its admission."""


class Figures(NamedTuple):
    """Occupation and admissions of one manager."""

    occupations: tuple[Occupation, ...] = ()
    """One for each kind of place that the manager declares."""
    admissions: Admissions | None = None


async def figures(connection: Connection, month: str, partner: str | None = None) -> dict[str, Figures]:
    """Return the occupation and the admissions in a month (« 2026-11 ») of every manager, or of one."""
    found: dict[str, Figures] = {}
    for row in await store.occupations(connection, partner):
        each = Occupation(**row)
        known = found.get(each.partner, Figures())
        found[each.partner] = known._replace(occupations=(*known.occupations, each))
    for row in await store.admissions(connection, _earlier(month), month, partner):
        admitted = Admissions(**row)
        found[admitted.partner] = found.get(admitted.partner, Figures())._replace(admissions=admitted)
    return dict(sorted(found.items()))


def month_of(moment: datetime) -> str:
    """Return the month of a moment in UTC: « 2026-11 »."""
    return f"{moment:%Y-%m}"


def _earlier(month: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    months = first.year * 12 + first.month - 1 - MONTHS_FROM_RECEIPT
    return f"{months // 12}-{months % 12 + 1:02d}"
