"""Refusals of one partner, counted by message type. Pure; `now` is in seconds.

Several refusals of one type in a row hold back that type only: software that does not know a new type refuses
all messages of that type, and accepts the rest.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

REFUSALS_TO_HOLD = 20
"""Number of refusals in a row after which a message type is held back. They have one cause, and must not
become one task each for people."""
PROBE_SECONDS = 60.0
"""Seconds between two trial deliveries of a message type that is held back."""
PROBED_SECONDS = 2.0
"""Seconds for which other deliveries of a type wait for the answer to a trial delivery."""


@dataclass(slots=True)
class Row:
    """Refusals of one message type since the partner last accepted that type."""

    since: datetime
    number: int = 0
    probe_at: float = 0.0
    probed: bool = False
    """Whether a trial delivery of this type is not answered yet."""

    @property
    def holds(self) -> bool:
        """Tell whether the type is held back after too many refusals in a row."""
        return self.number >= REFUSALS_TO_HOLD


@dataclass(slots=True)
class Refusals:
    """Refusals that one partner has given in a row, by message type."""

    rows: dict[str, Row] = field(default_factory=dict)
    in_a_row: int = 0
    """Number of refusals since the partner last accepted anything."""

    @property
    def held(self) -> Mapping[str, Row]:
        """Return the message types that are held back, each with its refusals."""
        return {each: row for each, row in self.rows.items() if row.holds}

    @property
    def of_all(self) -> bool:
        """Tell whether the partner refuses everything: several types are held back, and it has accepted
        nothing since."""
        return self.in_a_row >= REFUSALS_TO_HOLD and len(self.held) > 1

    def refused(self, types: Collection[str], now: float, at: datetime) -> None:
        """Count a refusal of a delivery with one message type. A lot with several types is not counted."""
        if len(types) == 1:
            row = self.rows.setdefault(next(iter(types)), Row(at))
            row.number += 1
            row.probe_at, row.probed = now + PROBE_SECONDS, False
            self.in_a_row += 1

    def accepted(self, types: Collection[str]) -> None:
        """Forget the refusals of these types, which the partner has accepted again."""
        self.in_a_row = 0
        for each in types if self.rows else ():
            self.rows.pop(each, None)

    def waits_s(self, first: Collection[str], lane: Collection[str], now: float) -> float:
        """Return for how many seconds a lane has to wait; 0 if its first delivery, of the types `first`, may
        be sent.

        A lane waits only if all its types are held back: accepted messages never wait behind refused ones. From time to
        time one of its deliveries is sent all the same, as a trial. This method records the trial.
        """
        rows = [row for each in lane if (row := self.rows.get(each)) is not None and row.holds]
        if not rows or len(rows) < len(lane):
            return 0.0
        probed = [self.rows[each] for each in first]
        left_s = max(row.probe_at - now for row in probed)
        if left_s > 0:
            return min(left_s, PROBED_SECONDS) if any(row.probed for row in probed) else left_s
        for row in probed:
            row.probe_at, row.probed = now + PROBE_SECONDS, True
        return 0.0

    def try_now(self) -> None:
        """Allow the next delivery of each type that is held back, because a person says that the partner
        accepts it."""
        for row in self.rows.values():
            row.probe_at = 0.0
