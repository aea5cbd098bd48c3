"""The clock of a process that freezes: for everybody else time goes on meanwhile."""

import time

import pytest

from router.delivery import dispatcher, results, sending


class Stopwatch:
    """Stands for the module `time` where a process measures how long something takes."""

    def __init__(self) -> None:
        self._frozen_s = 0.0

    def freeze(self, hours: float = 1.0) -> None:
        """The process notices now that it has stood still for so long."""
        self._frozen_s += hours * 3600.0

    def monotonic(self) -> float:
        return time.monotonic() + self._frozen_s


def stopwatch_of_the_dispatcher(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    """From now on the dispatcher goes by this clock."""
    watch = Stopwatch()
    for module in (dispatcher, results, sending):
        monkeypatch.setattr(module, "time", watch)
    return watch
