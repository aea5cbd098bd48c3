"""Give reference numbers to subjects to which the partner itself has given no number."""

import re
from uuid import UUID

from contracts.partner import Famille, Partner
from contracts.ports import View

LOWEST = 10**12
"""Smallest number given by the desk. Partners' software gives smaller numbers."""
REFERENCE_DIGITS = 6
_GIVEN = re.compile(r"1[0-9]{12}")


def given(partner: Partner, key: UUID) -> str:
    """Return the number that the desk gives to a new subject. A form sent twice has the same `key` and gets
    the same number: both times together make one subject."""
    return f"{_mark(partner)}{key.int % LOWEST + LOWEST}"


def own_number(partner: Partner, name: str) -> str:
    """Return `name`, the number under which the partner knows a subject, if the partner itself chose this
    number. Return an empty text if the desk generated the number."""
    mark = _mark(partner)
    is_given = name.startswith(mark) and _GIVEN.fullmatch(name.removeprefix(mark))
    return "" if is_given else name


def name_of(view: View, ident: UUID) -> str:
    """Return the number by which the partner itself calls a subject. If the partner gave none, because the desk
    numbered the subject in its place, return the hub's id of the subject."""
    return own_number(view.partner, view.id_of(ident)) or str(ident)


def reference_of(ident: UUID) -> str:
    """Return the last digits of the hub's id of a subject, which people of different partners quote on the
    telephone."""
    return str(ident)[-REFERENCE_DIGITS:]


def _mark(partner: Partner) -> str:
    """Return the prefix of the numbers that the desk gives to new subjects of a partner. The prefix is empty
    for a SIAO, whose software accepts only digits."""
    return "" if partner.famille is Famille.SIAO else "B-"
