"""The flow of messages during an upgrade: the partners' usual story, then one file with a new place after another."""

import threading
from types import TracebackType
from typing import Self

from simulation.cast import CENTRE_CSV
from simulation.chaos.drops import Drops
from simulation.observed import Observed
from simulation.stage import Stage
from simulation.troupe import Troupe

STORY_SECONDS = 40.0
PLACES_PER_SECOND = 1
"""Rate of new places; each causes some ten messages. It is low because two versions must start on the same two
cores."""


class Flow:
    """The partners at work, and their journals. Leaving the block ends the dropping of files."""

    def __init__(self, setting: Stage, troupe: Troupe) -> None:
        self.observed = Observed()
        self._setting, self._troupe = setting, troupe
        self._drops = Drops(setting.configs[CENTRE_CSV.id])
        self._over = threading.Event()
        self._dropping = threading.Thread(target=self._drop, name="upgrade-flow", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def begin(self) -> None:
        """Let the partners begin, and start to drop files."""
        self._setting.start.touch()
        self._dropping.start()

    def end(self) -> None:
        """Stop dropping files. What has begun still goes to its end. Idempotent."""
        self._over.set()
        if self._dropping.is_alive():
            self._dropping.join()

    def look(self) -> int:
        """Read the new lines of the journals; return their number. Raises PartUnavailable if a partner's program
        has ended."""
        self._troupe.check()
        self._drops.collect()
        return self._troupe.read_into(self.observed) + self._drops.read_into(self.observed)

    def _drop(self) -> None:
        number, pause = 0, STORY_SECONDS
        while not self._over.wait(pause):
            number, pause = number + 1, 1 / PLACES_PER_SECOND
            name = f"places-de-plus-{number:04d}.csv"
            self._drops.put(name, self._drops.fresh(name))
