"""Count the refusals of one partner by message type. Pure: `now` is in seconds.

After many refusals of one type in a row, only that type is held back. A partner whose software does not know
a new type refuses all messages of that type, and accepts the others.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

REFUSALS_TO_HOLD = 20
"""Number of refusals in a row after which a message type is held back. The refusals have one cause, so they
must not each become a task for an operator."""
PROBE_SECONDS = 60.0
"""Seconds between two trial deliveries of a message type that is held back."""
PROBED_SECONDS = 2.0
"""Seconds for which further deliveries of a message type wait for the response to a trial delivery of this
type."""


@dataclass(slots=True)
class TypeRefusals:
    """Refusals of one message type since the partner last accepted it. `since` is the moment of the first of
    these refusals."""

    since: datetime
    number: int = 0
    probe_at: float = 0.0
    probed: bool = False
    """True while a trial delivery of this type has no response."""

    @property
    def holds(self) -> bool:
        """Tell whether the message type is held back, because it was refused too often in a row."""
        return self.number >= REFUSALS_TO_HOLD


@dataclass(slots=True)
class Refusals:
    """Refusals of one partner in a row, by message type."""

    by_type: dict[str, TypeRefusals] = field(default_factory=dict)
    in_a_row: int = 0
    """Number of refusals since the partner last accepted a delivery of any type."""

    @property
    def held(self) -> Mapping[str, TypeRefusals]:
        """Return the message types that are held back, with their refusals."""
        return {each: row for each, row in self.by_type.items() if row.holds}

    @property
    def of_all(self) -> bool:
        """Tell whether the partner refuses everything: more than one type is held back, and no delivery of
        any type was accepted since."""
        return self.in_a_row >= REFUSALS_TO_HOLD and len(self.held) > 1

    def refused(self, types: Collection[str], now: float, at: datetime) -> None:
        """Count a refusal of a delivery. `types` are the message types in the delivery. A refused lot
        (several deliveries in one file) with several types is not counted."""
        if len(types) == 1:
            row = self.by_type.setdefault(next(iter(types)), TypeRefusals(at))
            row.number += 1
            row.probe_at, row.probed = now + PROBE_SECONDS, False
            self.in_a_row += 1

    def accepted(self, types: Collection[str]) -> None:
        """Forget the refusals of these types, because the partner has accepted them."""
        self.in_a_row = 0
        for each in types if self.by_type else ():
            self.by_type.pop(each, None)

    def waits_s(self, first: Collection[str], lane: Collection[str], now: float) -> float:
        """Return the seconds for which a lane (deliveries to the partner about one subject) has to wait,
        because the partner keeps refusing all message types in it. 0 if it may be sent.

        `first` are the types of the first delivery, and `lane` those of all its deliveries. From time to
        time, one delivery is allowed as a trial: the method then returns 0 and notes the trial.
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
        """Allow the next delivery of each type that is held back, because an operator says that the partner
        accepts it."""
        for row in self.by_type.values():
            row.probe_at = 0.0
