"""How far one partition is settled: what may be committed, whatever order things were settled in. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Records that were offered and are not committed yet, the offset that was committed last, and the furthest record
    that was read."""

    seen: dict[int, str] = field(default_factory=dict)
    """Keys of what was offered, by offset."""
    settled: set[int] = field(default_factory=set)
    committed: int | None = None
    furthest: int = -1
    rewound: bool = False

    def offered(self, offset: int, key: str) -> bool:
        """Note a record that was read; False where it is settled already. What does not come again after a rewind is
        gone from the topic, and waited for no more."""
        if self.rewound:
            self.settled |= {one for one in self.seen if one < offset}
            self.rewound = False
        if offset <= self.furthest:
            return offset in self.seen and offset not in self.settled
        self.seen[offset] = key
        self.furthest = offset
        return True

    def goes_on(self, end: int) -> bool:
        """Whether a log that ends there may be the one that was read: it may lose its end, with all its replicas."""
        return end > self.furthest and end >= (self.committed or 0)

    @property
    def is_settled(self) -> bool:
        """Whether all that was offered is taken in."""
        return not self.seen.keys() - self.settled

    def rewind(self) -> int | None:
        """From where to read again: the first that is not settled. None where all is."""
        first = min(self.seen.keys() - self.settled, default=None)
        self.rewound = first is not None
        return first

    def settle(self, offset: int, key: str) -> int | None:
        """Note that a record is taken in. The offset to commit: below it, everything is; None where that is no news."""
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
