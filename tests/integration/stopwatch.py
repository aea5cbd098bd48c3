"""A clock for a process that was frozen, while time went on for all others."""

import time

import pytest

from router.delivery import dispatcher, results, sending


class Stopwatch:
    """Replaces the module `time` where a process measures durations."""

    def __init__(self) -> None:
        self._frozen_s = 0.0

    def freeze(self, hours: float = 1.0) -> None:
        """Let the process notice now that it was frozen for so long."""
        self._frozen_s += hours * 3600.0

    def monotonic(self) -> float:
        return time.monotonic() + self._frozen_s


def stopwatch_of_the_dispatcher(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    """Give the dispatcher a clock that the test can freeze."""
    watch = Stopwatch()
    for module in (dispatcher, results, sending):
        monkeypatch.setattr(module, "time", watch)
    return watch
