"""Measure CPU time by group of processes, so that hub, PostgreSQL and Kafka can be told apart."""

from collections.abc import Mapping

import psutil  # type: ignore[import-untyped]  # psutil has no types

Spent = Mapping[str, float]
"""Seconds of CPU by group."""


class Meter:
    """A meter of the user and system time of processes with all their descendants, those that ended included.

    A group whose first process is unknown (a broker or a database named by the environment) is left out.
    """

    def __init__(self, **roots: int | None) -> None:
        self._roots = {group: root for group, root in roots.items() if root is not None}

    def read(self) -> Spent:
        """Return the seconds spent by each group since its processes began."""
        return {group: sum(map(_one, family(root))) for group, root in self._roots.items()}

    def since(self, before: Spent) -> Spent:
        """Return the seconds spent by each group since an earlier reading."""
        now = self.read()
        return {group: now[group] - before[group] for group in before}


def family(root: int) -> list[psutil.Process]:
    """Return a process and all its descendants that still run."""
    first = psutil.Process(root)
    return [first, *first.children(recursive=True)]


def _one(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # ended meanwhile: its parent counts it
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
