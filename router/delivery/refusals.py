"""Count one partner's refusals by message type, and hold back a type that the partner refuses too often. `now`
is always a monotonic time, in seconds.

Software that does not know a new message type refuses all messages of this type, and accepts all other messages.
So only the refused type is held back, and all other types are delivered.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

REFUSALS_TO_HOLD = 20
"""Refusals in a row after which a message type is held back. So many refusals have one cause: each of them must
not become a task for an operator."""
PROBE_SECONDS = 60.0
"""Seconds between two trials of a type that is held back."""
PROBED_SECONDS = 2.0
"""Seconds that further deliveries of a type wait while the partner has not yet responded to a trial of it."""


@dataclass(slots=True)
class TypeRefusals:
    """Refusals of one message type since the partner last accepted this type. `since` is the time of the first
    refusal. After `REFUSALS_TO_HOLD` refusals, the type is held back: from time to time, the partner gets one
    delivery of it as a trial."""

    since: datetime
    number: int = 0
    probe_at: float = 0.0
    probed: bool = False
    """True from a trial of this type until the partner responds to the trial."""

    @property
    def holds(self) -> bool:
        """Tell whether the type is held back from the partner."""
        return self.number >= REFUSALS_TO_HOLD


@dataclass(slots=True)
class Refusals:
    """Number of deliveries that one partner has refused, by message type and in all. A message type that the
    partner refuses too often is held back (see `TypeRefusals`)."""

    by_type: dict[str, TypeRefusals] = field(default_factory=dict)
    in_a_row: int = 0
    """Refusals since the partner last accepted a delivery of any type."""

    @property
    def held(self) -> Mapping[str, TypeRefusals]:
        """Return the message types that are held back from the partner, with their refusals."""
        return {each: row for each, row in self.by_type.items() if row.holds}

    @property
    def of_all(self) -> bool:
        """Tell whether the partner refuses everything: at least two types are held back, and the last
        `REFUSALS_TO_HOLD` responses were refusals."""
        return self.in_a_row >= REFUSALS_TO_HOLD and len(self.held) > 1

    def refused(self, types: Collection[str], now: float, at: datetime) -> None:
        """Count the refusal of a delivery or lot with the message types `types`. If there are several types,
        count nothing: nobody knows which of them the partner refuses. `now` (monotonic, in seconds) and `at` are
        both the present moment."""
        if len(types) == 1:
            row = self.by_type.setdefault(next(iter(types)), TypeRefusals(at))
            row.number += 1
            row.probe_at, row.probed = now + PROBE_SECONDS, False
            self.in_a_row += 1

    def accepted(self, types: Collection[str]) -> None:
        """Forget the refusals of the message types `types`: the partner has accepted a delivery or lot with
        them."""
        self.in_a_row = 0
        for each in types if self.by_type else ():
            self.by_type.pop(each, None)

    def waits_s(self, first: Collection[str], lane: Collection[str], now: float) -> float:
        """Return for how many seconds a lane must wait because its message types are held back. `lane` has the
        types of all its deliveries. `first` has the types of the delivery or lot that leaves next.

        * If any type in `lane` is not held back, return 0.
        * If a trial of the types in `first` is due, record that it begins, and return 0.
        * Otherwise, return the time until this trial is due, but at most `PROBED_SECONDS` while the partner has
          not responded to an earlier trial of these types.
        """
        rows = [row for each in lane if (row := self.by_type.get(each)) is not None and row.holds]
        if not rows or len(rows) < len(lane):
            return 0.0
        probed = [self.by_type[each] for each in first]
        left_s = max(row.probe_at - now for row in probed)
        if left_s > 0:
            return min(left_s, PROBED_SECONDS) if any(row.probed for row in probed) else left_s
        for row in probed:
            row.probe_at, row.probed = now + PROBE_SECONDS, True
        return 0.0

    def try_now(self) -> None:
        """Allow the next delivery of each held-back type, because an operator has asked for it."""
        for row in self.by_type.values():
            row.probe_at = 0.0
