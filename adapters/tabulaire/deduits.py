"""Values without a cell of their own, deduced as the profile says: remainders of a total, and the month in a sheet's
name."""

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from adapters.vocabulaire import Vocabulaire
from contracts.ports import Rejet

_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_NUMBERS = Vocabulaire({name: str(number) for number, name in enumerate(_MONTHS, 1)})
_MONTH = re.compile(r"(\w+)\s+((?:20)?\d\d)")


def last_day_of(sheet: str | None) -> date | None:
    """Return the last day of the month in a sheet's name («octobre 2025», «10 25»); None for any other name."""
    found = _MONTH.fullmatch((sheet or "").strip())
    if found is None:
        return None
    month = int(_NUMBERS.meaning(found[1]) or (found[1] if found[1].isascii() and found[1].isdigit() else 0))
    if not 1 <= month <= 12:
        return None
    year = 2000 + int(found[2]) % 100
    return date(year, month, calendar.monthrange(year, month)[1])


def remainders(
    values: dict[str, Any], restes: Mapping[str, Sequence[str]], numero: int, noms: Mapping[str, str]
) -> list[Rejet]:
    """Complete `values` with the remainder of each total whose parts are known. Reject negative remainders."""
    rejets = []
    for field, (total, *parts) in restes.items():
        if field in values or not {total, *parts} <= values.keys():
            continue
        values[field] = values[total] - sum(values[part] for part in parts)
        if values[field] < 0:
            shown = ", ".join(f"« {noms[part]} »" for part in parts if part in noms)
            message = f"total plus petit que ce qu'il contient : corrigez-le, ou {shown}"
            rejets.append(Rejet("incoherence", message, numero, noms.get(total)))
    return rejets
