"""Records of one partition that are settled, in any order, and the offset to commit. Pure."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

LATE_SECONDS = 300.0
"""Longest delay of a standby that takes over. What was settled since may be unknown to its tables."""
NOTED_SECONDS = 10.0


class Mark(NamedTuple):
    """The note that goes with a committed offset."""

    topic: str
    """Id of the topic for which the offset counts."""
    tables: str
    """Name of the hub's tables for which the offset counts; empty for all."""
    before: int
    """Offset that was committed `LATE_SECONDS` earlier. It counts for other tables."""

    @classmethod
    def read(cls, text: str, offset: int) -> "Mark":
        """Return the note of a committed offset. Without one, the offset counts for every topic and all tables."""
        topic, tables, before = (*text.split("/"), "", "", "")[:3]
        return cls(topic, tables, int(before or offset))

    def counts_for(self, tables: str) -> bool:
        """Return whether the offset counts for these tables."""
        return self.tables in ("", tables)

    def __str__(self) -> str:
        return f"{self.topic}/{self.tables}/{self.before}"


class Commits:
    """The offsets that were committed for one partition in the last minutes."""

    def __init__(self, before: int, offset: int, now: float) -> None:
        """Begin with the committed offset, and with the one that counts for other tables."""
        self._known = deque([(-math.inf, before), (now, offset)])

    def note(self, offset: int, now: float) -> int:
        """Note a committed offset at a time in seconds. Return the one that counts for other tables."""
        while len(self._known) > 1 and self._known[1][0] <= now - LATE_SECONDS:
            self._known.popleft()
        if now >= self._known[-1][0] + NOTED_SECONDS:
            self._known.append((now, offset))
        return min(offset, self._known[0][1])


@dataclass(slots=True)
class Progress:
    """Offered records of a partition that are not committed yet, the last committed offset, and the furthest record
    read."""

    seen: dict[int, str] = field(default_factory=dict)
    """Keys of the records that were offered, by offset."""
    settled: set[int] = field(default_factory=set)
    committed: int | None = None
    furthest: int = -1
    rewound: bool = False

    def offered(self, offset: int, key: str) -> bool:
        """Note a record that was read; return False if it is already settled. After a rewind, a record that does not
        come again is gone from the topic, and counts as settled."""
        if self.rewound:
            self.settled |= {one for one in self.seen if one < offset}
            self.rewound = False
        if offset <= self.furthest:
            return offset in self.seen and offset not in self.settled
        self.seen[offset] = key
        self.furthest = offset
        return True

    def goes_on(self, end: int) -> bool:
        """Return whether a log that ends at `end` can be the log that was read. A log that lost all its replicas may
        lose its end."""
        return end > self.furthest and end >= (self.committed or 0)

    @property
    def is_settled(self) -> bool:
        """Return whether all offered records are settled."""
        return not self.seen.keys() - self.settled

    def rewind(self) -> int | None:
        """Return the offset from which to read again, the first that is not settled; None if all are."""
        first = min(self.seen.keys() - self.settled, default=None)
        self.rewound = first is not None
        return first

    def settle(self, offset: int, key: str) -> int | None:
        """Note that a record is settled. Return the new offset to commit, below which all are settled; None if it
        has not moved."""
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
