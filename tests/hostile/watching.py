"""Observation of the hub's processes from outside: process ids, peak memory, and how long computing blocked each
event loop."""

import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]  # psutil has no types
from prometheus_client.parser import text_string_to_metric_families

from bench.memory import peak_mib

LOOK_SECONDS = 0.5
READERS = "lecteurs"
"""Name for all reader processes. They read large inputs, and the hub kills and replaces them on purpose."""


HELD = "siao_hub_event_loop_held_seconds"
PROCESSES = {"gateway": 0, "worker": 3, "console": 6}
"""Offset of each process's health port from the first one, for `siao-hub run` with a console."""

Holds = Mapping[str, Mapping[float, float]]
"""For each process, the number of times that its event loop was blocked for no longer than each upper bound in
seconds."""


def holds(health_port: int) -> Holds:
    """Read these counts from the health port of each process."""
    return {name: _holds(health_port + rank) for name, rank in PROCESSES.items()}


def _holds(port: int) -> Mapping[float, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    (family,) = (each for each in families if each.name == HELD)
    return {float(s.labels["le"]): s.value for s in family.samples if s.name.endswith("_bucket")}


def longest(before: Holds, after: Holds) -> Mapping[str, float]:
    """Return, for each process, the smallest upper bound of all blocks of its event loop between two readings."""
    since = {name: {le: n - before[name][le] for le, n in counted.items()} for name, counted in after.items()}
    return {
        name: min(le for le, n in counted.items() if n == counted[float("inf")])
        for name, counted in since.items()
    }


@dataclass(slots=True)
class Seen:
    """What was observed of one hub."""

    peaks_mib: dict[str, float] = field(default_factory=dict)
    """Peak memory in MiB by role, and of the largest reader process."""
    processes: dict[str, set[int]] = field(default_factory=dict)
    """Process ids by role. Several ids mean that a process was replaced."""

    @property
    def replaced(self) -> list[str]:
        """Roles whose process has died."""
        return sorted(roles for roles, ids in self.processes.items() if len(ids) > 1 and roles != READERS)


class Watch:
    """Observes all processes below `siao-hub run`, in a thread, until the block ends."""

    def __init__(self, supervisor: int) -> None:
        self.seen = Seen()
        self._supervisor = psutil.Process(supervisor)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Seen:
        self._look()
        self._thread.start()
        return self.seen

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _look_on(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._look()

    def _look(self) -> None:
        for process in self._supervisor.children(recursive=True):
            try:
                roles = _roles(process)
                peak = peak_mib(process.pid)
            except (psutil.Error, OSError, StopIteration):  # it ended meanwhile
                continue
            self.seen.processes.setdefault(roles, set()).add(process.pid)
            self.seen.peaks_mib[roles] = max(peak, self.seen.peaks_mib.get(roles, 0.0))


def _roles(process: psutil.Process) -> str:
    """Return the process's role from its name (`name_this_process`), or `READERS`."""
    name = str(process.name())
    return name.removeprefix("siao-") if name.startswith("siao-") else READERS
