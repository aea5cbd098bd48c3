"""Recovery after each fault, by the journals: the time until every message due before its end had arrived.

A row counts from its sender's first attempt, whatever the answer: it belongs to the outage's backlog.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from simulation.observed import Observed

FEWEST = {99: 20}
"""Fewest values for a percentile; 1 if absent."""
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Ended:
    """Fault that is over; moments in seconds since the epoch."""

    name: str
    began: float
    ended: float


class Recoveries:
    """Recovery times after the faults of a run. Call `measure` once the journals are complete."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        """Recovery times by fault, one for each occurrence."""
        self._ended: list[Ended] = []

    def after(self, fault: Ended) -> None:
        """Record that a fault has just ended. Thread-safe."""
        self._ended.append(fault)

    def measure(self, observed: Observed) -> None:
        """Compute the recovery time after each fault from the journals."""
        at_rest = sorted(_at_rest(observed))
        wanted, latest = [moment for moment, _ in at_rest], [0.0]
        for _, rested in at_rest:
            latest.append(max(latest[-1], rested))
        self.seconds.clear()
        for fault in self._ended:
            earlier = bisect_right(wanted, fault.ended)
            self.seconds[fault.name].append(max(0.0, latest[earlier] - fault.ended))

    def all(self) -> list[float]:
        """Return the recovery times of all faults, in seconds."""
        return [each for found in self.seconds.values() for each in found]


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Return a percentile of the values; None if they are too few."""
    if len(values) < FEWEST.get(percent, 1):
        return None
    return values[0] if len(values) < 2 else quantiles(values, n=100, method="inclusive")[percent - 1]


def _at_rest(observed: Observed) -> list[tuple[float, float]]:
    """Return each row's first attempt and its effect, else the hub's answer, in seconds since the epoch."""
    found = []
    for ref, sent in observed.sent.items():
        effects, answer = observed.effects.get(ref), observed.answer_to(sent)
        last = effects[0].at if effects else answer.at if answer else None
        if last is not None:
            found.append((sent.at / NANOSECONDS, last / NANOSECONDS))
    return found
