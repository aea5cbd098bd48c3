"""Decide from a partner's list of records which records may have changed. A partner's REST service gives this
list, with one line for each record.

If a line has changed, so has its record. But a record may also change while its line stays the same.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from math import inf
from typing import Any

from pydantic_core import to_json

ZONES = timedelta(hours=14)
"""Largest difference between UTC and the clock of the partner's service."""
DAY_SECONDS, MINUTE_SECONDS = 25 * 3600.0, 120.0
"""Time for which a record may change again under the same date. It is `DAY_SECONDS` if the date is at
midnight, since such a date may give only the day; else `MINUTE_SECONDS`."""

_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Fiche:
    """Line in a partner's list of records: the record's number, the date of its last change, and the whole line
    as JSON (`state`)."""

    number: str
    state: bytes
    moment: datetime | None
    """Moment of the record's last change, by the service's clock; None if unreadable."""

    def is_ahead(self, now: float) -> bool:
        """Tell whether the record's last change is dated later than the time `now` (seconds since the epoch)
        in every time zone. The date must then be wrong."""
        return self.moment is not None and self.moment > _utc(now) + ZONES

    def may_change_until(self, seen: float) -> float:
        """Return the time, in seconds since the epoch, until which the record may change without a change of
        its line in the partner's list of records. The line dates the last change only to the minute or to the
        day: a second change within that minute or day does not alter the line. `seen`: when the list was read.
        The result is:

        * infinity, if the line has no readable date, or one in the future;
        * `seen`, if the minute or day of the last change had surely ended by then, whatever the time zone of
          the partner's clock;
        * else `seen` plus two minutes; for a date at midnight, which may give only the day, `seen` plus 25
          hours.
        """
        if self.moment is None or self.is_ahead(seen):
            return inf
        lasts = DAY_SECONDS if self.moment.time() == time.min else MINUTE_SECONDS
        is_past = self.moment + timedelta(seconds=lasts) + ZONES <= _utc(seen)
        return seen if is_past else seen + lasts


@dataclass(slots=True)
class Settled:
    """What the source remembers of a settled record, to notice when the record changes: its line in the
    partner's list, the digests of its contents, and when the hub last read the record."""

    state: bytes
    keys: tuple[str, ...]
    """Digests of the record's successive contents under the same line, newest last."""
    may_change_until: float
    read_at: float
    """Time at which the record was last read with the newest of these contents, in seconds since the
    epoch."""
    tried_at: float

    def is_final(self) -> bool:
        """Tell whether every later change of the record will also change its line in the partner's list of
        records. This is so if the record was last read at the time `may_change_until` or later. If False, the
        source also reads the record again while the line stays the same."""
        return self.read_at >= self.may_change_until


def read_line(line: Mapping[str, Any]) -> Fiche:
    """Parse `line`, a JSON object, which is one line of the list of records that a partner's REST service
    gives. Raises KeyError, TypeError or ValueError if the line does not give the record's number."""
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
