"""Record which records of a Kafka partition are settled, and compute the offset to commit. A record is
settled once the hub has accepted or refused it. Records may be settled in any order."""

import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import NamedTuple

LATE_SECONDS = 300.0
"""Longest time by which a PostgreSQL standby may lag when it takes over."""
NOTED_SECONDS = 10.0
UNCOMMITTED_MAX = 10_000
"""Number of records read from a partition, from its first unsettled one on, at which the reading of this
partition pauses."""


class OffsetNote(NamedTuple):
    """Note committed with a Kafka offset. It says for which topic and for which database of the hub the
    offset is valid. A PostgreSQL standby that took over counts as another database."""

    topic: str
    """Id of the Kafka topic."""
    tables: str
    """Id of the hub's database. Empty if the offset is valid for any database."""
    before: int
    """Offset that was committed `LATE_SECONDS` earlier. If a PostgreSQL standby has taken over, it may lack
    the latest data, and the reading starts at this offset."""

    @classmethod
    def read(cls, text: str, offset: int) -> "OffsetNote":
        """Parse the note `text`, which was committed with `offset`. If the note is empty, the offset is valid
        for any topic and any database of the hub."""
        topic, tables, before = (*text.split("/"), "", "", "")[:3]
        return cls(topic, tables, int(before or offset))

    def counts_for(self, tables: str) -> bool:
        """Tell whether the offset is valid for the hub's present database, whose id is `tables`."""
        return self.tables in ("", tables)

    def __str__(self) -> str:
        return f"{self.topic}/{self.tables}/{self.before}"


class Commits:
    """Offsets committed for one partition in the last minutes, each with its time."""

    def __init__(self, before: int, offset: int, now: float) -> None:
        """Start the list of committed offsets with two: `before`, committed at an unknown earlier time, and
        `offset`, which counts as committed at `now`."""
        self._known = deque([(-math.inf, before), (now, offset)])

    def note(self, offset: int, now: float) -> int:
        """Record that `offset` is committed at `now` (monotonic, in seconds). Return the newest known offset
        that was committed at least five minutes (`LATE_SECONDS`) before `now`. Until there is such an offset,
        return `before`, which was given when this object was created. The caller stores the
        returned offset in the note of `offset`: once a PostgreSQL standby has taken over, reading starts again
        from the returned offset."""
        while len(self._known) > 1 and self._known[1][0] <= now - LATE_SECONDS:
            self._known.popleft()
        if now >= self._known[-1][0] + NOTED_SECONDS:
            self._known.append((now, offset))
        return min(offset, self._known[0][1])


@dataclass(slots=True)
class Progress:
    """Progress of the reading of one partition: which records were offered to the hub, which of these are
    settled, and which offset is committed."""

    seen: OrderedDict[int, str] = field(default_factory=OrderedDict)
    """Idempotency keys of the records that were offered and are not committed yet, by offset, in ascending
    order."""
    settled: set[int] = field(default_factory=set)
    """Offsets of those records in `seen` that are settled."""
    committed: int | None = None
    furthest: int = -1
    rewound: bool = False

    def offered(self, offset: int, key: str) -> bool:
        """Mark the record at `offset`, with the idempotency key `key`, as read. Return True if the caller must
        offer the record to the hub, False if the record is already settled.

        After `rewind`, the caller reads again from the first unsettled record. If Kafka has deleted that record
        meanwhile, the first record read again is a later one: all records before it then count as settled.
        """
        if self.rewound:
            self.settled |= {one for one in self.seen if one < offset}
            self.rewound = False
        if offset <= self.furthest:
            return offset in self.seen and offset not in self.settled
        self.seen[offset] = key
        self.furthest = offset
        return True

    def goes_on(self, end: int) -> bool:
        """Tell whether reading may go on in a partition that ends at the offset `end`. If not, records
        already read no longer exist, and the caller must read the partition again from its beginning."""
        return end > self.furthest and end >= (self.committed or 0)

    def is_full(self, offset: int) -> bool:
        """Tell whether the reading of this partition must pause after the record at `offset`, because too
        many records (`UNCOMMITTED_MAX`) wait for their commit. Records that are read again after `rewind`
        cause no pause: return False for each of them but the last."""
        return offset >= self.furthest and len(self.seen) >= UNCOMMITTED_MAX

    @property
    def is_settled(self) -> bool:
        """Tell whether every record that was offered to the hub from this partition is settled."""
        return not self.seen.keys() - self.settled

    def rewind(self) -> int | None:
        """Return the offset of the first unsettled record, at which the caller must start to read; None if
        all records are settled."""
        first = next((offset for offset in self.seen if offset not in self.settled), None)
        self.rewound = first is not None
        return first

    def settle(self, offset: int, key: str) -> int | None:
        """Mark the record at `offset` as settled, and return the new offset to commit; None while an earlier
        record is unsettled. If the record read at `offset` does not have the idempotency key `key`, change
        nothing and return None."""
        if self.seen.get(offset) != key:
            return None
        self.settled.add(offset)
        before = len(self.seen)
        while self.seen and (first := next(iter(self.seen))) in self.settled:
            self.settled.remove(first)
            del self.seen[first]
        if len(self.seen) == before:
            return None
        self.committed = next(iter(self.seen), self.furthest + 1)
        return self.committed
