"""Write lengths of time, moments and decimals in French, for a narrow terminal."""

from contextvars import ContextVar
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from contracts.reference.fuseaux import HEURES
from router.domain.roles import Role

MINUTE, HOUR, DAY = 60, 3600, 86_400
ZONE: ContextVar[tzinfo | None] = ContextVar("zone", default=None)
"""The time zone in which hours are shown, and in which typed hours are read; None for this machine's own."""


def lasting(time: timedelta) -> str:
    """Return a length of time, such as « 45 s », « 12 min », « 3 h 05 » or « 4 j »."""
    seconds = max(0, int(time.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02d}"
    return f"{seconds // DAY} j"


def brief(seconds: float) -> str:
    """Return a length of time that may be below a second, such as « 0,3 s » or « 12 min »."""
    if seconds < 1:
        return f"{seconds:g} s".replace(".", ",")
    return lasting(timedelta(seconds=seconds)).removesuffix(" 00")


def ago(moment: datetime | None, now: datetime) -> str:
    """Return how long ago a moment was, such as « 12 min »; « — » for None."""
    return "—" if moment is None else lasting(now - moment)


def time_left(moment: datetime, now: datetime) -> str:
    """Return how long it is until a deadline, such as « dans 3 h 05 ». If the deadline is over, return for
    how long it has been, such as « dépassée depuis 12 min »."""
    return f"dans {lasting(moment - now)}" if moment > now else f"dépassée depuis {ago(moment, now)}"


def local(moment: datetime) -> datetime:
    """Return a moment in the reader's time zone (`ZONE`)."""
    return moment.astimezone(ZONE.get())


def here(typed: datetime) -> datetime:
    """Return a moment that a person typed, with a time zone. A moment typed without a zone is read in the
    zone in which hours are shown (`ZONE`), or in this machine's own zone if `ZONE` is None."""
    zone = ZONE.get()
    return typed.replace(tzinfo=zone) if typed.tzinfo is None and zone else typed.astimezone()


def at(moment: datetime, now: datetime) -> str:
    """Return a moment as hour and minute in the reader's time zone (`ZONE`). The day is added unless it is
    today."""
    here = local(moment)
    return f"{here:%H:%M}" if here.date() == local(now).date() else f"{here:%d/%m %H:%M}"


def zone_of(moment: datetime) -> str:
    """Return in French the time zone in which hours are shown, such as « heure de Paris ». If this is the
    machine's own zone, or a zone outside France, return its offset at `moment`, such as « UTC+01:00 »."""
    zone = ZONE.get()
    if isinstance(zone, ZoneInfo) and zone.key in HEURES:
        return HEURES[zone.key]
    return str(timezone(local(moment).utcoffset() or timedelta()))


def day_and_hour(moment: datetime) -> str:
    """Return a moment with day, hour and time zone, such as « 24/11/2026 à 03:00:07 (heure de Paris) »."""
    return f"{local(moment):%d/%m/%Y à %H:%M:%S} ({zone_of(moment)})"


def next_at(moment: datetime | Role | None, now: datetime) -> str:
    """Return in French when the hub next does a task, such as a delivery or a look at a partner's server.
    `moment` says when:

    * a moment in the future: « à 02:41 »;
    * a moment in the past: « imminent »;
    * a role, if the task is this role's and the role has broken down: « quand « dispatcher » reprendra »;
    * None: « — ».
    """
    if moment is None:
        return "—"
    if isinstance(moment, Role):
        return f"quand « {moment} » reprendra"
    return "imminent" if moment <= now else f"à {at(moment, now)}"


def since(moment: datetime | None, now: datetime) -> str:
    """Return since when something has lasted, such as « depuis 02:41 (19 min) »; an empty text if `moment` is
    None."""
    return "" if moment is None else f"depuis {at(moment, now)} ({ago(moment, now)})"


def decimal(number: float) -> str:
    """Return a number with one decimal, such as « 3,5 »."""
    return f"{number:.1f}".replace(".", ",")
