"""Counts of `kill -9` that hit a living process, and of those during unfinished work."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

HUB, KAFKA, POSTGRES = "hub", "kafka", "postgresql"
"""What is counted besides roles: the whole hub, brokers, the database."""


class Victim(Protocol):
    """Process, or tree of processes, that can be killed."""

    @property
    def pid(self) -> int | None:
        """Process id; None while nothing runs."""

    def kill9(self) -> None:
        """Send SIGKILL to every process of the tree."""


class Kills:
    """Counts of the kills of a run. Thread-safe."""

    def __init__(self) -> None:
        self.by_role: Counter[str] = Counter()
        self.on_unfinished = 0
        self.unfinished: Callable[[], bool] = lambda: False
        """A callback that tells whether accepted work is in the hub's hands."""
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """Number of all kills."""
        return self.by_role.total()

    def hit(self, what: str, victims: Sequence[Victim]) -> bool:
        """Send SIGKILL to all victims. If any was alive, count one kill and return True."""
        alive, unfinished = any(victim.pid is not None for victim in victims), self.unfinished()
        for victim in victims:
            victim.kill9()
        if alive:
            self._count(what, unfinished)
        return alive

    def note(self, what: str) -> None:
        """Count a process that has killed itself by order."""
        self._count(what, self.unfinished())

    def _count(self, what: str, unfinished: bool) -> None:
        with self._lock:
            self.by_role[what] += 1
            self.on_unfinished += unfinished
