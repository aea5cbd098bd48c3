"""The partners' programs, started together; none outlives the demo."""

import time
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
    """All partners of a stage. Leaving the block ends them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._children = {
            ident: Child(config.folder, stage.folder / f"{ident}.log")
            for ident, config in stage.configs.items()
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
        """Start all programs without waiting."""
        for ident, child in self._children.items():
            child.spawn([*module(BY_ID[ident].program), str(self._stage.config_file(ident))])

    def wait_until_ready(self) -> None:
        """Wait until every server listens. Raises PartUnavailable."""
        deadline = time.monotonic() + READY_SECONDS
        while not all(config.ready.exists() for config in self._stage.configs.values()):
            self.check()
            if time.monotonic() > deadline:
                raise PartUnavailable("Un partenaire simulé ne démarre pas.")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raises PartUnavailable, with the end of its log, when a program has died."""
        for ident, child in self._children.items():
            if child.pid is None:
                log = tail(self._stage.folder / f"{ident}.log")
                raise PartUnavailable(f"Le partenaire simulé « {BY_ID[ident].nom} » s'est arrêté.\n{log}")

    def read_into(self, observed: Observed) -> int:
        """Add what the journals say since the last time; how many records that was."""
        total = 0
        for ident, config in self._stage.configs.items():
            if config.journal.exists():
                records, self._offsets[ident] = read(config.journal, self._offsets[ident])
                total += len(records)
                for record in records:
                    observed.add(ident, record)
        return total
