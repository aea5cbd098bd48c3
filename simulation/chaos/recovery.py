"""How soon after the end of each fault all that was to be said before that end had arrived, by the journals.

A row counts from its sender's first line about it, whatever the hub then answered or did not: what came too early and
was sent again and again is the backlog of an outage, wherever it waited.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from simulation.observed import Observed

FEWEST = {99: 20}
"""Outages that a percentile takes to say anything."""
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Ended:
    """A fault that is over; seconds since the epoch."""

    name: str
    began: float
    ended: float


class Recoveries:
    """The recovery of each fault, once the run is over and the journals are whole."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        """By fault, one entry a fault."""
        self._ended: list[Ended] = []

    def after(self, fault: Ended) -> None:
        """A fault has just ended. From any thread."""
        self._ended.append(fault)

    def measure(self, observed: Observed) -> None:
        """From the journals as they are now; the last thing that somebody wanted to say before the end counts."""
        at_rest = sorted(_at_rest(observed))
        wanted, latest = [moment for moment, _ in at_rest], [0.0]
        for _, rested in at_rest:
            latest.append(max(latest[-1], rested))
        self.seconds.clear()
        for fault in self._ended:
            earlier = bisect_right(wanted, fault.ended)
            self.seconds[fault.name].append(max(0.0, latest[earlier] - fault.ended))

    def all(self) -> list[float]:
        """Every recovery, whatever the fault."""
        return [each for found in self.seconds.values() for each in found]


def percentile(values: Sequence[float], percent: int) -> float | None:
    """A percentile; None of too few."""
    if len(values) < FEWEST.get(percent, 1):
        return None
    return values[0] if len(values) < 2 else quantiles(values, n=100, method="inclusive")[percent - 1]


def _at_rest(observed: Observed) -> list[tuple[float, float]]:
    """Of each row, when its sender first wanted to say it, and when it had its effect, or failing that its answer.
    Rows that a run leaves without either are its verdict's business."""
    found = []
    for ref, sent in observed.sent.items():
        effects, answer = observed.effects.get(ref), observed.answer_to(sent)
        last = effects[0].at if effects else answer.at if answer else None
        if last is not None:
            found.append((sent.at / NANOSECONDS, last / NANOSECONDS))
    return found
