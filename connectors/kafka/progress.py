"""Keep track of the records of a Kafka partition, and of the offset to commit. A record is settled once the hub
has accepted or refused it. Records may be settled in any order. Pure."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

LATE_SECONDS = 300.0
"""Largest delay, in seconds, that the data of a PostgreSQL standby may have when the standby takes over."""
NOTED_SECONDS = 10.0


class Mark(NamedTuple):
    """Data that the hub commits together with a Kafka offset. The offset is valid only for the topic and the
    database named here. The hub has another database when a standby has taken over."""

    topic: str
    """Id of the Kafka topic."""
    tables: str
    """Id of the hub's database for which the offset is valid. Empty if the offset is valid for any database."""
    before: int
    """Offset that had been committed `LATE_SECONDS` earlier. If a standby database has taken over, reading
    starts there, because the standby may lack the latest data."""

    @classmethod
    def read(cls, text: str, offset: int) -> "Mark":
        """Parse the text that the hub committed to Kafka with the offset `offset`. An empty text means that the
        offset is valid for every topic and every database."""
        topic, tables, before = (*text.split("/"), "", "", "")[:3]
        return cls(topic, tables, int(before or offset))

    def counts_for(self, tables: str) -> bool:
        """Tell whether a committed offset is valid for the hub's database `tables` (id of the database). An
        offset committed for another database does not count."""
        return self.tables in ("", tables)

    def __str__(self) -> str:
        return f"{self.topic}/{self.tables}/{self.before}"


class Commits:
    """Offsets that were committed for one partition in the last minutes, each with its time. After a takeover
    by a standby database, the hub reads again from an older one."""

    def __init__(self, before: int, offset: int, now: float) -> None:
        """Start with the last committed `offset`. `before` is an older offset that was stored with it
        (`Mark.before`). If a standby database takes over, it may lack the last messages, and the hub starts
        to read at `before`."""
        self._known = deque([(-math.inf, before), (now, offset)])

    def note(self, offset: int, now: float) -> int:
        """Record that an offset was committed at the time `now` (seconds). Return the offset that was committed
        `LATE_SECONDS` earlier, which the caller stores with the new one. After a takeover by a standby
        database, the hub starts to read at the earlier offset."""
        while len(self._known) > 1 and self._known[1][0] <= now - LATE_SECONDS:
            self._known.popleft()
        if now >= self._known[-1][0] + NOTED_SECONDS:
            self._known.append((now, offset))
        return min(offset, self._known[0][1])


@dataclass(slots=True)
class Progress:
    """Progress of reading one Kafka partition: the records offered to the hub and not committed yet, the last
    committed offset, and the furthest offset read."""

    seen: dict[int, str] = field(default_factory=dict)
    """Records that were offered to the hub and are not committed yet. The key is the record's offset, the
    value its idempotency key."""
    settled: set[int] = field(default_factory=set)
    committed: int | None = None
    furthest: int = -1
    rewound: bool = False

    def offered(self, offset: int, key: str) -> bool:
        """Record that a record was read. Return True if the caller has to offer it to the hub. Return False if
        the record is settled: the hub has accepted or refused it.

        A second reading of a partition may skip a record, because Kafka has deleted it. Such a record counts as
        settled.
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
        """Tell whether a partition still has all records that were read from it. `end` is its end offset (the
        offset of the next record to be written). If the result is False, the caller reads the partition from
        its beginning."""
        return end > self.furthest and end >= (self.committed or 0)

    @property
    def is_settled(self) -> bool:
        """Tell whether the hub has accepted or refused every offered record."""
        return not self.seen.keys() - self.settled

    def rewind(self) -> int | None:
        """Return the offset from which to read again: that of the first record that still waits to be accepted
        or refused. Return None if no record waits."""
        first = min(self.seen.keys() - self.settled, default=None)
        self.rewound = first is not None
        return first

    def settle(self, offset: int, key: str) -> int | None:
        """Note that the hub has accepted or refused the record at `offset`. Return the new offset to commit.

        Return None while an earlier record still waits to be accepted or refused. Return None also if `key` is
        not the key of the record read at `offset`.
        """
        if self.seen.get(offset) != key:
            return None
        self.settled.add(offset)
        first = min(self.seen.keys() - self.settled, default=max(self.seen) + 1)
        passed = {one for one in self.seen if one < first}
        self.seen = {one: said for one, said in self.seen.items() if one not in passed}
        self.settled -= passed
        if not passed:
            return None
        self.committed = first
        return first
