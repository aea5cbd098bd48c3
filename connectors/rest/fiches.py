"""What a list of fiches says: which have changed, and which may have although their line is the same. Pure."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import inf
from typing import Any

from pydantic_core import to_json

ZONES = timedelta(hours=14)
"""How far the service's clock, whose zone nobody says, may be from UTC."""
DAY_SECONDS, MINUTE_SECONDS = 25 * 3600.0, 120.0
"""What a moment may stand for: a whole day, the longest there is, where it says midnight; else the minute that it was
in. Each with what a change may take to show."""

_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Fiche:
    """One line of the list: whose it is, and what distinguishes it from the same fiche before."""

    number: str
    state: bytes
    moment: datetime | None
    """When it changed, where the service says it in ISO 8601; of the service's own clock, in no zone."""

    def is_ahead(self, now: float) -> bool:
        """Whether it is dated later than any clock in the world says."""
        return self.moment is not None and self.moment > _utc(now) + ZONES

    def may_change_until(self, seen: float) -> float:
        """Until when a change may leave the line as it was seen at this time: what its moment stands for cannot last
        longer from then on, wherever the service is. For ever where it has no moment, or one that is to come."""
        if self.moment is None or self.is_ahead(seen):
            return inf
        lasts = DAY_SECONDS if self.moment.time() == time.min else MINUTE_SECONDS
        is_past = self.moment + timedelta(seconds=lasts) + ZONES <= _utc(seen)
        return seen if is_past else seen + lasts


@dataclass(slots=True)
class Settled:
    """What is taken in of a fiche."""

    state: bytes
    keys: tuple[str, ...]
    """Those of the contents that it had in this state, the newest last."""
    may_change_until: float
    read_at: float
    """When this content was read, or one that was the same."""
    tried_at: float

    def is_final(self) -> bool:
        """Whether every change that its line may not tell was there when it was last read."""
        return self.read_at >= self.may_change_until


def read_line(line: Mapping[str, Any]) -> Fiche:
    """What a line says. Raises KeyError, TypeError or ValueError for what is none."""
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
