"""The processes of the simulated partners."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from deploy.local import PartUnavailable
from deploy.local.process import Child
from simulation.cast import BY_ID
from simulation.hub_process import module, tail
from simulation.journal import read
from simulation.observed import Observed
from simulation.stage import Stage

READY_SECONDS = 30.0
POLL_SECONDS = 0.05


class Troupe:
    """The processes of all simulated partners. Leaving the block ends them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._casts = _by_program(stage)
        self._children = {
            program: Child(stage.folder, stage.folder / f"{idents[0]}.log")
            for program, idents in self._casts.items()
        }
        self._offsets = dict.fromkeys(stage.configs, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children.values():
            child.kill9()

    def start(self) -> None:
        """Start all programs without waiting. Partners with the same program share a process."""
        for program, idents in self._casts.items():
            files = [str(self._stage.config_file(ident)) for ident in idents]
            self._children[program].spawn([*module(program), *files])

    def wait_until_ready(self) -> None:
        """Return once every partner is ready. Raises PartUnavailable."""
        deadline = time.monotonic() + READY_SECONDS
        while not all(config.ready.exists() for config in self._stage.configs.values()):
            self.check()
            if time.monotonic() > deadline:
                raise PartUnavailable("Un partenaire simulé ne démarre pas.")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raise PartUnavailable, with the end of its log, if a program has ended."""
        for program, child in self._children.items():
            if child.pid is None:
                first = self._casts[program][0]
                log = tail(self._stage.folder / f"{first}.log")
                raise PartUnavailable(f"Le partenaire simulé « {BY_ID[first].nom} » s'est arrêté.\n{log}")

    def read_into(self, observed: Observed) -> int:
        """Add the journal lines written since the last call; return their number."""
        total = 0
        for ident, config in self._stage.configs.items():
            if config.journal.exists():
                records, self._offsets[ident] = read(config.journal, self._offsets[ident])
                total += len(records)
                for record in records:
                    observed.add(ident, record)
        return total


def _by_program(stage: Stage) -> Mapping[str, Sequence[str]]:
    casts: defaultdict[str, list[str]] = defaultdict(list)
    for ident in stage.configs:
        casts[BY_ID[ident].program].append(ident)
    return casts
