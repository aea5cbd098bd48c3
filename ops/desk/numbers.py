"""Reference numbers that the desk gives to subjects (places, referrals…) for which the partner has no reference
number of its own. Pure."""

import re
from uuid import UUID

from contracts.partner import Famille, Partner
from contracts.ports import View

LOWEST = 10**12
"""Smallest reference number that the desk gives to a subject (place, referral…). Numbers from partners'
software are smaller."""
REFERENCE_DIGITS = 6
_GIVEN = re.compile(r"1[0-9]{12}")


def given(partner: Partner, key: UUID) -> str:
    """Return the reference number that the desk gives to a new subject (place, referral…), derived from the
    `key` of its form. Equal keys give equal numbers."""
    return f"{_mark(partner)}{key.int % LOWEST + LOWEST}"


def own_number(partner: Partner, name: str) -> str:
    """Return `name` if it is the partner's own reference number of a subject (place, referral…). Return an
    empty text if the desk gave this number."""
    mark = _mark(partner)
    is_given = name.startswith(mark) and _GIVEN.fullmatch(name.removeprefix(mark))
    return "" if is_given else name


def name_of(view: View, ident: UUID) -> str:
    """Return the name by which people of a partner know a subject (place, referral…): their own reference
    number, else the hub's id. A number given by the desk does not count as their own."""
    return own_number(view.partner, view.id_of(ident)) or str(ident)


def reference_of(ident: UUID) -> str:
    """Return the end of the hub's id of a subject (place, referral…). People of the sending and the receiving
    partner quote it on the telephone."""
    return str(ident)[-REFERENCE_DIGITS:]


def _mark(partner: Partner) -> str:
    """Return the prefix of the reference numbers that the desk gives to the partner's subjects (places,
    referrals…). It is empty for a SIAO, because SI-SIAO accepts digits only."""
    return "" if partner.famille is Famille.SIAO else "B-"
