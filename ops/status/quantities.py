"""Format ages, hours and decimals in French, short enough for a narrow terminal and for a table cell."""

from datetime import datetime, timedelta

MINUTE, HOUR, DAY = 60, 3600, 86_400


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


def at(moment: datetime, now: datetime) -> str:
    """Write a moment by the local clock: the hour, and the day if it is not today."""
    local = moment.astimezone()
    return f"{local:%H:%M}" if local.date() == now.astimezone().date() else f"{local:%d/%m %H:%M}"


def since(moment: datetime | None, now: datetime) -> str:
    """Write since when: « depuis 02:41 (19 min) »; nothing for None."""
    return "" if moment is None else f"depuis {at(moment, now)} ({ago(moment, now)})"


def decimal(number: float) -> str:
    """Format a number with one decimal and a French comma."""
    return f"{number:.1f}".replace(".", ",")
