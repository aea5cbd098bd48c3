"""How far one partition is settled: what may be committed, whatever order things were settled in. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Progress:
    """Offsets that were offered and are not committed yet."""

    seen: set[int] = field(default_factory=set)
    settled: set[int] = field(default_factory=set)
    rewound: bool = False

    def offered(self, offset: int) -> bool:
        """Note a record that was read; False where it is settled already. What does not come again after a rewind is
        gone from the topic, and waited for no more."""
        if self.rewound:
            self.settled |= {one for one in self.seen if one < offset}
            self.rewound = False
        self.seen.add(offset)
        return offset not in self.settled

    def rewind(self) -> int | None:
        """From where to read again what is not settled; None where everything is."""
        first = min(self.seen - self.settled, default=None)
        self.rewound = first is not None
        return first

    def settle(self, offset: int) -> int | None:
        """Note that a record is taken in. The offset to commit: below it, everything is; None where that is no news."""
        if offset not in self.seen:
            return None
        self.settled.add(offset)
        first = min(self.seen - self.settled, default=max(self.seen) + 1)
        passed = {one for one in self.seen if one < first}
        self.seen -= passed
        self.settled -= passed
        return first if passed else None
