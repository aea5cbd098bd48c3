"""Format ages, hours and decimals in French, short enough for a narrow terminal and for a table cell."""

from contextvars import ContextVar
from datetime import datetime, timedelta, tzinfo

MINUTE, HOUR, DAY = 60, 3600, 86_400
ZONE: ContextVar[tzinfo | None] = ContextVar("zone", default=None)
"""Time zone in which hours are shown and typed; None for the machine's own."""


def lasting(time: timedelta) -> str:
    """Write a length of time by its two greatest units: « 45 s », « 12 min », « 3 h 05 », « 4 j »."""
    seconds = max(0, int(time.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02d}"
    return f"{seconds // DAY} j"


def brief(seconds: float) -> str:
    """Write a length of time that may be under a second: « 0,3 s », « 12 min »."""
    if seconds < 1:
        return f"{seconds:g} s".replace(".", ",")
    return lasting(timedelta(seconds=seconds)).removesuffix(" 00")


def ago(moment: datetime | None, now: datetime) -> str:
    """Write how long ago a moment was; « — » for None."""
    return "—" if moment is None else lasting(now - moment)


def local(moment: datetime) -> datetime:
    """Return a moment in the time zone of the person who reads it (`ZONE`)."""
    return moment.astimezone(ZONE.get())


def here(typed: datetime) -> datetime:
    """Return the moment that somebody typed. Without a time zone it is read by the clock of the person."""
    zone = ZONE.get()
    return typed.replace(tzinfo=zone) if typed.tzinfo is None and zone else typed.astimezone()


def at(moment: datetime, now: datetime) -> str:
    """Write a moment by the clock of its reader: the hour, and the day if it is not today."""
    here = local(moment)
    return f"{here:%H:%M}" if here.date() == local(now).date() else f"{here:%d/%m %H:%M}"


def next_at(moment: datetime | None, now: datetime) -> str:
    """Write when something is tried next: « à 02:41 », « imminent » once that is past; « — » for None."""
    if moment is None:
        return "—"
    return "imminent" if moment <= now else f"à {at(moment, now)}"


def since(moment: datetime | None, now: datetime) -> str:
    """Write since when: « depuis 02:41 (19 min) »; an empty text for None."""
    return "" if moment is None else f"depuis {at(moment, now)} ({ago(moment, now)})"


def decimal(number: float) -> str:
    """Format a number with one decimal and a French comma."""
    return f"{number:.1f}".replace(".", ",")
