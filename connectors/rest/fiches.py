"""Lines in the list of records (« fiches ») of a partner's REST service. A changed line shows that its record
has changed. A record may also change while its line stays the same. Pure."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import inf
from typing import Any

from pydantic_core import to_json

ZONES = timedelta(hours=14)
"""Largest difference between UTC and the clock of the partner's service, whose time zone is unknown to the hub."""
DAY_SECONDS, MINUTE_SECONDS = 25 * 3600.0, 120.0
"""How long a record (« fiche ») may still change, in seconds, while its date in the service's list stays the
same. `DAY_SECONDS` is for a date at midnight, because such a date may give only the day. `MINUTE_SECONDS` is
for any other date."""

_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Fiche:
    """Line in the list of records (« fiches ») of a partner's REST service: number and date of one record, and
    the whole line as JSON (`state`). A changed line means a changed record."""

    number: str
    state: bytes
    moment: datetime | None
    """Moment at which the record (« fiche ») changed, by the clock of the partner's service; None if
    unreadable."""

    def is_ahead(self, now: float) -> bool:
        """Tell whether the record's date of change lies in the future, whatever the service's time zone is.
        Such a date cannot be trusted."""
        return self.moment is not None and self.moment > _utc(now) + ZONES

    def may_change_until(self, seen: float) -> float:
        """Return the time, in seconds since the epoch, until which the record (« fiche ») may change while its
        line in the service's list stays the same. `seen` is the time at which the line was read.

        The result is infinite if the line has no date, or a date in the future.
        """
        if self.moment is None or self.is_ahead(seen):
            return inf
        lasts = DAY_SECONDS if self.moment.time() == time.min else MINUTE_SECONDS
        is_past = self.moment + timedelta(seconds=lasts) + ZONES <= _utc(seen)
        return seen if is_past else seen + lasts


@dataclass(slots=True)
class Settled:
    """What the source remembers of a record (« fiche ») whose content the hub has accepted or refused."""

    state: bytes
    keys: tuple[str, ...]
    """Digests of the contents that the record (« fiche ») had one after the other, while its line in the
    service's list stayed the same. The newest digest is the last."""
    may_change_until: float
    read_at: float
    """Time at which this content was last read, in seconds since the epoch."""
    tried_at: float

    def is_final(self) -> bool:
        """Tell whether the content was read late enough to be final. Content that was read earlier may have
        changed since, although the line of its record in the service's list has stayed the same."""
        return self.read_at >= self.may_change_until


def read_line(line: Mapping[str, Any]) -> Fiche:
    """Return the record (« fiche ») that one line of the service's list names. Raises KeyError, TypeError or
    ValueError if the line names no valid record."""
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
