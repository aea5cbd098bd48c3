"""How soon after the end of each fault everything accepted before it had reached its end. Pure but for a lock."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Ended:
    """A fault that is over; seconds since the epoch."""

    name: str
    began: float
    ended: float


class Recoveries:
    """The recovery of each fault, from looks at the oldest thing that waits."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        """By fault, one entry a recovery that was seen."""
        self._open: list[Ended] = []
        self._lock = threading.Lock()

    def after(self, fault: Ended) -> None:
        """Await the recovery of a fault that has just ended."""
        with self._lock:
            self._open.append(fault)

    def look(self, oldest: float | None, now: float) -> None:
        """The oldest thing that waits was accepted at `oldest` (None: nothing waits)."""
        with self._lock:
            over = [fault for fault in self._open if oldest is None or oldest > fault.ended]
            self._open = [fault for fault in self._open if fault not in over]
        for fault in over:
            self.seconds[fault.name].append(max(0.0, now - fault.ended))

    def all(self) -> list[float]:
        """Every recovery, whatever the fault."""
        return [each for found in self.seconds.values() for each in found]


def percentile(values: Sequence[float], percent: int) -> float | None:
    """A percentile; None of nothing."""
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[percent - 1]
