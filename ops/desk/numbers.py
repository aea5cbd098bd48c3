"""Numbers that the desk gives to subjects for which their partner has none. Pure."""

import re
from uuid import UUID

from contracts.partner import Famille, Partner

LOWEST = 10**12
"""Lower bound of the numbers: above those of any real software, and so many that two keys do not share one."""
_GIVEN = re.compile(r"1[0-9]{12}")


def given(partner: Partner, key: UUID) -> str:
    """Return the number of a subject of this key: always the same one for a key of a partner."""
    return f"{_mark(partner)}{key.int % LOWEST + LOWEST}"


def is_given(partner: Partner, name: str) -> bool:
    """Return whether a partner's name for something is a number that the desk gave it."""
    mark = _mark(partner)
    return name.startswith(mark) and _GIVEN.fullmatch(name.removeprefix(mark)) is not None


def _mark(partner: Partner) -> str:
    """Return the letter before a partner's numbers; none for a SIAO, because SI-SIAO takes digits alone."""
    return "" if partner.famille is Famille.SIAO else "B-"
