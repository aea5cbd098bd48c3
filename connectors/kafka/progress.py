"""Keep track of the settled records of one Kafka partition, in any order, and of the offset to commit. A
record is settled once its message is accepted or refused. Pure."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

LATE_SECONDS = 300.0
"""Seconds by which a standby of PostgreSQL may lag when it takes over: its tables may lack the records that
were settled in that time."""
NOTED_SECONDS = 10.0


class Mark(NamedTuple):
    """Note that is committed together with an offset: it names the Kafka topic and the hub's tables for which
    the offset is valid."""

    topic: str
    """Id of the Kafka topic for which the offset is valid."""
    tables: str
    """Identity of the hub's tables for which the offset is valid; empty for all tables."""
    before: int
    """Offset that was committed `LATE_SECONDS` earlier. After a standby with other tables has taken over,
    reading starts from this offset."""

    @classmethod
    def read(cls, text: str, offset: int) -> "Mark":
        """Return the note committed with `offset`. Without a text, the offset is valid for every topic and
        all tables."""
        topic, tables, before = (*text.split("/"), "", "", "")[:3]
        return cls(topic, tables, int(before or offset))

    def counts_for(self, tables: str) -> bool:
        """Tell whether the offset is valid for `tables`."""
        return self.tables in ("", tables)

    def __str__(self) -> str:
        return f"{self.topic}/{self.tables}/{self.before}"


class Commits:
    """Offsets that were committed for one partition in the last minutes, with their times."""

    def __init__(self, before: int, offset: int, now: float) -> None:
        """Start with `offset`, which is committed, and with `before`, the offset from which a hub with other
        tables has to read (`Mark.before`)."""
        self._known = deque([(-math.inf, before), (now, offset)])

    def note(self, offset: int, now: float) -> int:
        """Note that an offset was committed at the time `now` (seconds). Return the offset for `Mark.before`,
        from which a hub with other tables has to read."""
        while len(self._known) > 1 and self._known[1][0] <= now - LATE_SECONDS:
            self._known.popleft()
        if now >= self._known[-1][0] + NOTED_SECONDS:
            self._known.append((now, offset))
        return min(offset, self._known[0][1])


@dataclass(slots=True)
class Progress:
    """Reading of one Kafka partition: the records offered to the hub and not committed yet, the last
    committed offset, and the furthest record read."""

    seen: dict[int, str] = field(default_factory=dict)
    """Keys of the records that were offered to the hub, by offset."""
    settled: set[int] = field(default_factory=set)
    committed: int | None = None
    furthest: int = -1
    rewound: bool = False

    def offered(self, offset: int, key: str) -> bool:
        """Note a record that was read. Return True if the record has to be offered to the hub, False if it is
        settled already. A record that does not come again after a rewind is gone from the topic, and counts
        as settled."""
        if self.rewound:
            self.settled |= {one for one in self.seen if one < offset}
            self.rewound = False
        if offset <= self.furthest:
            return offset in self.seen and offset not in self.settled
        self.seen[offset] = key
        self.furthest = offset
        return True

    def goes_on(self, end: int) -> bool:
        """Tell whether a partition that ends at offset `end` still holds every record that was read. A
        partition that lost all its replicas may come back without its last records, and is then read anew."""
        return end > self.furthest and end >= (self.committed or 0)

    @property
    def is_settled(self) -> bool:
        """Tell whether all records that were offered to the hub are settled: accepted or refused."""
        return not self.seen.keys() - self.settled

    def rewind(self) -> int | None:
        """Return the offset from which to read the partition again: that of the first record that is not
        settled; None if all records are settled."""
        first = min(self.seen.keys() - self.settled, default=None)
        self.rewound = first is not None
        return first

    def settle(self, offset: int, key: str) -> int | None:
        """Note that a record is settled. Return the new offset to commit, below which all records are
        settled; None if that offset has not moved, or if `offset` holds a record with another key."""
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
