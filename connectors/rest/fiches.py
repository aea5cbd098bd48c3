"""Lines in a service's list of fiches (records), which show what has changed. A fiche may also change while
its line stays equal. Pure."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import inf
from typing import Any

from pydantic_core import to_json

ZONES = timedelta(hours=14)
"""Largest difference between UTC and the service's clock."""
DAY_SECONDS, MINUTE_SECONDS = 25 * 3600.0, 120.0
"""Seconds for which the content of a fiche (record) may still change while its date in the service's list
stays the same. `DAY_SECONDS` is for a date at midnight, which may give only the day. `MINUTE_SECONDS` is for
any other date."""

_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Fiche:
    """Line in the service's list of fiches (records): number and date of one fiche, and the whole line as
    JSON (`state`). A changed line means a changed fiche."""

    number: str
    state: bytes
    moment: datetime | None
    """Moment at which the fiche (record) changed, by the service's clock; None if unreadable."""

    def is_ahead(self, now: float) -> bool:
        """Tell whether the line is dated in the future in every time zone."""
        return self.moment is not None and self.moment > _utc(now) + ZONES

    def may_change_until(self, seen: float) -> float:
        """Return the time, in seconds since the epoch, until which the fiche (record) may change while its
        line in the service's list stays equal. `seen` is the time at which the line was read.

        The result is infinite if the line has no date, or a date in the future.
        """
        if self.moment is None or self.is_ahead(seen):
            return inf
        lasts = DAY_SECONDS if self.moment.time() == time.min else MINUTE_SECONDS
        is_past = self.moment + timedelta(seconds=lasts) + ZONES <= _utc(seen)
        return seen if is_past else seen + lasts


@dataclass(slots=True)
class Settled:
    """Content of a fiche (record) that the hub has accepted."""

    state: bytes
    keys: tuple[str, ...]
    """Digests of all contents that the fiche (record) had while its line in the service's list stayed the
    same. The newest is the last."""
    may_change_until: float
    read_at: float
    """Time at which this content was last read, in seconds since the epoch."""
    tried_at: float

    def is_final(self) -> bool:
        """Tell whether the content was read late enough to be final. Before that, the fiche (record) may
        still have changed although its line in the service's list stayed equal."""
        return self.read_at >= self.may_change_until


def read_line(line: Mapping[str, Any]) -> Fiche:
    """Return the fiche (record) that a line of the service's list announces. Raises KeyError, TypeError or
    ValueError for a line without a valid one."""
    number = str(line["ficheId"])
    if not _NUMBER.fullmatch(number):
        raise ValueError("numéro de fiche")
    return Fiche(number, to_json(line), _moment(line.get("dateModification")))


def _moment(value: object) -> datetime | None:
    with suppress(ValueError):
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    return None


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
