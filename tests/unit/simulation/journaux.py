"""Hand-written journals for the oracle's tests: each line says one thing that a partner wrote down."""

from collections.abc import Iterable
from typing import Any

from simulation.journal import Kind
from simulation.observed import Observed

SECOND = 1_000_000_000
FLOW = "escale>siao-59:places"


class Journals:
    """Journals as they would be read, with a clock that moves a second at each record."""

    def __init__(self) -> None:
        self.observed = Observed()
        self.now = 0

    def tick(self, seconds: float = 1.0) -> int:
        self.now += int(seconds * SECOND)
        return self.now

    def sent(self, ref: str, *, by: str = "escale", key: str | None = None, **row: Any) -> "Journals":
        """`by` is about to send a row."""
        fields = {"flow": FLOW, "subject": ref, "seq": 1, "row": 1, **row}
        record = {"at": self.tick(), "kind": Kind.ABOUT_TO_SEND, "key": key or ref, "ref": ref, **fields}
        self.observed.add(by, record)
        return self

    def answered(
        self, key: str, status: int = 202, *, by: str = "escale", rejected_rows: Iterable[int | None] = ()
    ) -> "Journals":
        """The hub's answer, as its sender wrote it down."""
        rejections = [{"ligne": row, "champ": "x", "message": "non"} for row in rejected_rows]
        record = {"at": self.tick(), "kind": Kind.ANSWERED, "key": key, "status": status, "message": "m"}
        self.observed.add(by, {**record, "rejections": rejections})
        return self

    def effect(self, ref: str, *, to: str = "siao-59", key: str | None = None, **more: object) -> "Journals":
        """A recipient acts on a delivery."""
        record = {"at": self.tick(), "kind": Kind.EFFECT, "key": key or f"livraison-{self.now}", "ref": ref}
        self.observed.add(to, {**record, **more})
        return self

    def arrived(self, ref: str, **row: Any) -> "Journals":
        """Sent, accepted, and acted on: nothing to say against it."""
        return self.sent(ref, **row).answered(ref).effect(ref)
