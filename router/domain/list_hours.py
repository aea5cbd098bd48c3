"""Compute the hours at which a partner receives its whole list of households ready for housing."""

from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.rythme import Jour, Releve
from router.domain.calendar import moment, wall_clock

WEEK = range(-7, 8)
"""Days, counted from today, among which the hours of a list are searched."""


class Hours(NamedTuple):
    """Two moments at which a reader receives its whole list: the last one before now, and the next one."""

    last: datetime
    next: datetime


def hours(releve: Releve, territoire: str, now: datetime) -> Hours:
    """Return the last and the next moment, in UTC, at which a reader's whole list is due. `releve` is the
    agreed timetable: days of the week, and hours in the local time of `territoire`."""
    today = wall_clock(territoire, now).date()
    days = (day for n in WEEK if tuple(Jour)[(day := today + timedelta(days=n)).weekday()] in releve.jours)
    all_of_them = [moment(territoire, datetime.combine(day, at)) for day in days for at in releve.heures]
    return Hours(max(at for at in all_of_them if at <= now), min(at for at in all_of_them if at > now))
