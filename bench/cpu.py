"""Measures CPU time of groups of processes, so that the hub's, PostgreSQL's and Kafka's can be told apart."""

from collections.abc import Mapping

import psutil  # type: ignore[import-untyped]  # psutil has no types

Spent = Mapping[str, float]
"""CPU seconds, by name of the group of processes."""


class Meter:
    """Measures the user and system time of processes and all their descendants, including those that have ended.

    Each group has a first process. A group without one is left out: Kafka or PostgreSQL is then named by the
    environment and may run elsewhere.
    """

    def __init__(self, **roots: int | None) -> None:
        self._roots = {group: root for group, root in roots.items() if root is not None}

    def read(self) -> Spent:
        """Return the CPU seconds of each group since its processes began."""
        return {group: sum(map(_one, family(root))) for group, root in self._roots.items()}

    def since(self, before: Spent) -> Spent:
        """Return the CPU seconds of each group since an earlier `read`."""
        now = self.read()
        return {group: now[group] - before[group] for group in before}


def family(root: int) -> list[psutil.Process]:
    """Return a process and all its descendants that still run."""
    first = psutil.Process(root)
    return [first, *first.children(recursive=True)]


def _one(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:  # it has just ended; its time now counts as its parent's
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)
