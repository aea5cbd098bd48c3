"""SIGKILLs that hit a living process, and how many of them while work was under way."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

HUB, KAFKA, POSTGRES = "hub", "kafka", "postgresql"
"""Victims beside a single role: the whole hub, one or more brokers, the database."""


class Victim(Protocol):
    """A process, or a tree of them."""

    @property
    def pid(self) -> int | None:
        """Return the process id; None while nothing runs."""

    def kill9(self) -> None:
        """Kill all of it, if it runs."""


class Kills:
    """The count of kills."""

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
        """Kill -9 all of them at once. Count one kill if any was alive; return False otherwise."""
        alive, unfinished = any(victim.pid is not None for victim in victims), self.unfinished()
        for victim in victims:
            victim.kill9()
        if alive:
            self._count(what, unfinished)
        return alive

    def note(self, what: str) -> None:
        """Count the kill of a process that killed itself by order."""
        self._count(what, self.unfinished())

    def _count(self, what: str, unfinished: bool) -> None:
        with self._lock:
            self.by_role[what] += 1
            self.on_unfinished += unfinished
