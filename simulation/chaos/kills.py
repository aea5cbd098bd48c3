"""SIGKILLs that hit something alive, and how many of them while work was under way."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

HUB, KAFKA, POSTGRES = "hub", "kafka", "postgresql"
"""What is hit beside a single role: all of the hub at once, a broker or several, the database."""


class Victim(Protocol):
    """A process, or a tree of them."""

    @property
    def pid(self) -> int | None:
        """None while nothing runs."""

    def kill9(self) -> None:
        """End all of it; nothing happens where nothing runs."""


class Kills:
    """The count."""

    def __init__(self) -> None:
        self.by_role: Counter[str] = Counter()
        self.on_unfinished = 0
        self.unfinished: Callable[[], bool] = lambda: False
        """Whether something that was accepted is known to be in the hub's hands; for whoever looks to say."""
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """All of them."""
        return self.by_role.total()

    def hit(self, what: str, victims: Sequence[Victim]) -> bool:
        """Kill -9, all at once: one kill, however many of them were alive; none, and False, where nobody was."""
        alive, unfinished = any(victim.pid is not None for victim in victims), self.unfinished()
        for victim in victims:
            victim.kill9()
        if alive:
            self._count(what, unfinished)
        return alive

    def note(self, what: str) -> None:
        """One that a process was told to give itself."""
        self._count(what, self.unfinished())

    def _count(self, what: str, unfinished: bool) -> None:
        with self._lock:
            self.by_role[what] += 1
            self.on_unfinished += unfinished
