"""Count the refusals of one partner by message type. Pure: `now` is in seconds.

A partner's software that does not know a new message type refuses all messages of this type, and accepts all
others. So after many refusals in a row, only this type is held back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

REFUSALS_TO_HOLD = 20
"""Number of refusals in a row after which a message type is held back. These refusals have one cause, so they
must not each become a task for an operator."""
PROBE_SECONDS = 60.0
"""Seconds between two trial deliveries of a message type that is held back."""
PROBED_SECONDS = 2.0
"""Seconds for which further deliveries of a message type wait for the response to a trial delivery of this
type."""


@dataclass(slots=True)
class TypeRefusals:
    """Refusals of one message type since the partner last accepted this type. `since` is the moment of the
    first of these refusals, and `number` counts them."""

    since: datetime
    number: int = 0
    probe_at: float = 0.0
    probed: bool = False
    """True from a trial delivery of this message type until the partner responds to it. While a type is held
    back, such a trial is made from time to time."""

    @property
    def holds(self) -> bool:
        """Tell whether the message type is held back, because it was refused too often in a row."""
        return self.number >= REFUSALS_TO_HOLD


@dataclass(slots=True)
class Refusals:
    """Refusals of one partner since it last accepted a delivery: of each message type, and of all types
    together."""

    by_type: dict[str, TypeRefusals] = field(default_factory=dict)
    in_a_row: int = 0
    """Number of refusals since the partner last accepted a delivery of any type."""

    @property
    def held(self) -> Mapping[str, TypeRefusals]:
        """Return the message types that are held back, because the partner refused them too often in a row.
        Each comes with its refusals."""
        return {each: row for each, row in self.by_type.items() if row.holds}

    @property
    def of_all(self) -> bool:
        """Tell whether the partner refuses everything: at least two message types are held back, and at least
        its last `REFUSALS_TO_HOLD` responses were refusals."""
        return self.in_a_row >= REFUSALS_TO_HOLD and len(self.held) > 1

    def refused(self, types: Collection[str], now: float, at: datetime) -> None:
        """Count a refusal of a delivery with these message types. A refusal of several types is not counted,
        because it does not show which type is refused."""
        if len(types) == 1:
            row = self.by_type.setdefault(next(iter(types)), TypeRefusals(at))
            row.number += 1
            row.probe_at, row.probed = now + PROBE_SECONDS, False
            self.in_a_row += 1

    def accepted(self, types: Collection[str]) -> None:
        """Forget the refusals of these message types, because the partner has accepted a delivery of these
        types."""
        self.in_a_row = 0
        for each in types if self.by_type else ():
            self.by_type.pop(each, None)

    def waits_s(self, first: Collection[str], lane: Collection[str], now: float) -> float:
        """Return the seconds for which a lane has to wait, because the partner keeps refusing all message
        types in the lane. A lane is the deliveries to one partner about one subject, such as a referral.
        Return 0 if the lane may be sent.

        `first` has the types of the lane's first delivery, and `lane` the types of all its deliveries. From
        time to time one delivery is allowed as a trial: the method returns 0, and records the trial.
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
        """Allow the next delivery of each held-back message type. Call this when an operator says that the
        partner now accepts it."""
        for row in self.by_type.values():
            row.probe_at = 0.0
