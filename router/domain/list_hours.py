"""Hours at which a partner that receives the list of households ready for housing gets the whole list. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.rythme import Jour, Releve
from router.domain.calendar import moment, wall_clock

WEEK = range(-7, 8)
"""Offsets, in days from today, to search for agreed hours. The range holds at least one such hour before now
and one after."""


class Hours(NamedTuple):
    """Last agreed hour of a partner up to now, and its next one."""

    last: datetime
    next: datetime


def hours(releve: Releve, territoire: str, now: datetime) -> Hours:
    """Return the agreed hours of a partner just before and just after now, by the clocks of its territory."""
    today = wall_clock(territoire, now).date()
    days = (day for n in WEEK if tuple(Jour)[(day := today + timedelta(days=n)).weekday()] in releve.jours)
    all_of_them = [moment(territoire, datetime.combine(day, at)) for day in days for at in releve.heures]
    return Hours(max(at for at in all_of_them if at <= now), min(at for at in all_of_them if at > now))
