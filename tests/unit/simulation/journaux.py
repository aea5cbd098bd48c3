"""Handwritten journals for the tests of the oracle. Each call writes what one partner would write."""

from collections.abc import Iterable
from typing import Any

from simulation.journal import Kind
from simulation.moods import Mood
from simulation.observed import Observed

SECOND = 1_000_000_000
FLOW = "escale>siao-59:places"


class Journals:
    """Journals as the oracle reads them, with a clock that moves one second at each line."""

    def __init__(self) -> None:
        self.observed = Observed()
        self.now = 0

    def tick(self, seconds: float = 1.0) -> int:
        self.now += int(seconds * SECOND)
        return self.now

    def sent(self, ref: str, *, by: str = "escale", key: str | None = None, **row: Any) -> "Journals":
        """Write that partner `by` is about to send a row."""
        fields = {"flow": FLOW, "subject": ref, "seq": 1, "row": 1, **row}
        record = {"at": self.tick(), "kind": Kind.ABOUT_TO_SEND, "key": key or ref, "ref": ref, **fields}
        self.observed.add(by, record)
        return self

    def answered(
        self, key: str, status: int = 202, *, by: str = "escale", rejected_rows: Iterable[int | None] = ()
    ) -> "Journals":
        """Write the hub's answer to a message of partner `by`."""
        rejections = [{"ligne": row, "champ": "x", "message": "non"} for row in rejected_rows]
        record = {"at": self.tick(), "kind": Kind.ANSWERED, "key": key, "status": status, "message": "m"}
        self.observed.add(by, {**record, "rejections": rejections})
        return self

    def effect(self, ref: str, *, to: str = "siao-59", key: str | None = None, **more: object) -> "Journals":
        """Write that partner `to` acts on a delivery."""
        record = {"at": self.tick(), "kind": Kind.EFFECT, "key": key or f"livraison-{self.now}", "ref": ref}
        self.observed.add(to, {**record, **more})
        return self

    def declined(self, ref: str, mood: Mood, *, by: str = "siao-59", key: str = "k") -> "Journals":
        """Write that partner `by` takes a delivery without acting on it, because of its mood."""
        record = {"at": self.tick(), "kind": Kind.DECLINED, "key": key, "ref": ref, "mood": mood}
        self.observed.add(by, record)
        return self

    def arrived(self, ref: str, **row: Any) -> "Journals":
        """Write a row that is sent, accepted and acted on without any fault."""
        return self.sent(ref, **row).answered(ref).effect(ref)
