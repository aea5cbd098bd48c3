"""Occupation and admissions of each manager: for the command and for the console."""

from datetime import date, datetime
from typing import NamedTuple

from ops.occupation import sql as store
from ops.occupation.compared import Admissions, Occupation
from router.store.database import Connection

MONTHS_FROM_RECEIPT = 3
"""Months before that of an admission in which its referral may have been received."""


class Figures(NamedTuple):
    """Of one manager."""

    occupations: tuple[Occupation, ...] = ()
    """One a kind of place of which it gives figures."""
    admissions: Admissions | None = None


async def figures(connection: Connection, month: str, partner: str | None = None) -> dict[str, Figures]:
    """By manager: what it says that it occupies, and its admissions of a month (« 2026-11 »); of all, or of one."""
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
    """As everything here is counted: « 2026-11 », in UTC."""
    return f"{moment:%Y-%m}"


def _earlier(month: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    months = first.year * 12 + first.month - 1 - MONTHS_FROM_RECEIPT
    return f"{months // 12}-{months % 12 + 1:02d}"
