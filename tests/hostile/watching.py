"""The hub's processes as an operator sees them: which there are, the most memory that each ever took, and for how long
computing held its event loop."""

import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]  # psutil has no types
from prometheus_client.parser import text_string_to_metric_families

from bench.memory import peak_mib

LOOK_SECONDS = 0.5
READERS = "lecteurs"
"""Processes that read what is not small: they are killed on purpose, and replaced."""


HELD = "siao_hub_event_loop_held_seconds"
PROCESSES = {"gateway": 0, "worker": 3, "console": 6}
"""Of `siao-hub run` with a console: how far the health port of each is from the first."""

Holds = Mapping[str, Mapping[float, float]]
"""By process and upper bound in seconds, how often its loop was held for no longer."""


def holds(health_port: int) -> Holds:
    """Read them from each process that answers."""
    return {name: _holds(health_port + rank) for name, rank in PROCESSES.items()}


def _holds(port: int) -> Mapping[float, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    (family,) = (each for each in families if each.name == HELD)
    return {float(s.labels["le"]): s.value for s in family.samples if s.name.endswith("_bucket")}


def longest(before: Holds, after: Holds) -> Mapping[str, float]:
    """The smallest bound that every hold between two readings respects, by process."""
    since = {name: {le: n - before[name][le] for le, n in counted.items()} for name, counted in after.items()}
    return {
        name: min(le for le, n in counted.items() if n == counted[float("inf")])
        for name, counted in since.items()
    }


@dataclass(slots=True)
class Seen:
    """What was seen of one hub."""

    peaks_mib: dict[str, float] = field(default_factory=dict)
    """By roles, and of the largest reader."""
    processes: dict[str, set[int]] = field(default_factory=dict)
    """By roles: more than one id means that a process was replaced."""

    @property
    def replaced(self) -> list[str]:
        """Roles of which a process died."""
        return sorted(roles for roles, ids in self.processes.items() if len(ids) > 1 and roles != READERS)


class Watch:
    """Looks at a hub, from `siao-hub run` downwards, in a thread of its own, for the length of the block."""

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
    """A process of the group has the name of its first role (`name_this_process`)."""
    name = str(process.name())
    return name.removeprefix("siao-") if name.startswith("siao-") else READERS
