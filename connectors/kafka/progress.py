"""How far one partition is settled: what may be committed, whatever order things were settled in. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Records that were offered and are not committed yet, and the furthest that was read. A record's key tells it from
    the one that stands at its offset once its topic was made anew."""

    seen: dict[int, str] = field(default_factory=dict)
    """Keys of what was offered, by offset."""
    settled: set[int] = field(default_factory=set)
    furthest: tuple[int, str] | None = None
    rewound: bool = False

    def knows(self, offset: int, key: str) -> bool:
        """Whether a record may be of the topic that was read so far; else that topic was made anew."""
        there = self.furthest[1] if self.furthest and self.furthest[0] == offset else key
        return self.seen.get(offset, there) == key

    def offered(self, offset: int, key: str) -> bool:
        """Note a record that was read; False where it is settled already. What does not come again after a rewind is
        gone from the topic, and waited for no more."""
        if self.rewound:
            self.settled |= {one for one in self.seen if one < offset}
            self.rewound = False
        if self.furthest is not None and offset <= self.furthest[0]:
            return offset in self.seen and offset not in self.settled
        self.seen[offset] = key
        self.furthest = offset, key
        return True

    def rewind(self) -> int | None:
        """From where to read again: the first that is not settled, else the furthest that was read, to see whether it
        still stands there. None where nothing was read."""
        furthest = None if self.furthest is None else self.furthest[0]
        first = min(self.seen.keys() - self.settled, default=furthest)
        self.rewound = first is not None
        return first

    def settle(self, offset: int, key: str) -> int | None:
        """Note that a record is taken in. The offset to commit: below it, everything is; None where that is no news."""
        if self.seen.get(offset) != key:
            return None
        self.settled.add(offset)
        first = min(self.seen.keys() - self.settled, default=max(self.seen) + 1)
        passed = {one for one in self.seen if one < first}
        self.seen = {one: key for one, key in self.seen.items() if one not in passed}
        self.settled -= passed
        return first if passed else None
