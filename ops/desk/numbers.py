"""Numbers that the desk gives to subjects for which their partner has none. Pure."""

import re
from uuid import UUID

from contracts.partner import Famille, Partner

LOWEST = 10**12
"""Smallest number that the desk gives: larger than any that real software counts to. There are as many
numbers above it, so many that two keys hardly ever share one."""
_GIVEN = re.compile(r"1[0-9]{12}")


def given(partner: Partner, key: UUID) -> str:
    """Return the number that the desk gives a subject, derived from a key of its form. One partner and key always give
    the same number."""
    return f"{_mark(partner)}{key.int % LOWEST + LOWEST}"


def is_given(partner: Partner, name: str) -> bool:
    """Return whether a partner's name for something is a number that the desk gave it."""
    mark = _mark(partner)
    return name.startswith(mark) and _GIVEN.fullmatch(name.removeprefix(mark)) is not None


def _mark(partner: Partner) -> str:
    """Return the letter that begins the numbers given to a partner; none for a SIAO, because SI-SIAO takes digits
    alone."""
    return "" if partner.famille is Famille.SIAO else "B-"
