"""An upgrade step by step: how long each took, and what the partners' journals say was accepted and arrived in it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from deploy.local import PartUnavailable
from simulation.chaos.backlog import Backlog
from tests.chaos.flot import Flow
from tests.chaos.releve import Duty

LOOK_SECONDS = 0.2
STUCK_SECONDS = 60.0
STUCK = "Depuis une minute, presque plus rien n'est accepté ou livré (étape « {says} »)."
QUIET_SECONDS = 6.0
"""Without any news, and with nothing waiting, for so long: longer than a partner thinks about an answer."""
REST_SECONDS = 180.0


class Moment(StrEnum):
    """Where in the upgrade: before the tables are migrated, while anything of the version before runs, after that."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Step:
    """One step that is over."""

    moment: Moment
    says: str
    seconds: float
    accepted: int
    delivered: int


class Steps:
    """Steps one after the other, without a gap: each counts from the end of the last one. `tell` hears which it is."""

    def __init__(self, flow: Flow, duty: Duty, backlog: Backlog, tell: Callable[[str], None]) -> None:
        self.past: list[Step] = []
        self._flow, self._duty, self._backlog, self._tell = flow, duty, backlog, tell
        self._counted, self._says = self._counts(), ""

    @contextmanager
    def step(self, moment: Moment, says: str) -> Iterator[None]:
        """The block is one step."""
        began = time.monotonic()
        self._says = says
        self._tell(f"{says}…")
        yield
        self._look()
        accepted, delivered = (now - then for now, then in zip(self._counts(), self._counted, strict=True))
        self._counted = self._counts()
        self.past.append(Step(moment, says, time.monotonic() - began, accepted, delivered))

    def goes_on(self, rows: int) -> None:
        """Wait until so many rows more were accepted, and so many arrived. Raises PartUnavailable."""
        self._look()
        wanted = tuple(count + rows for count in self._counts())
        deadline = time.monotonic() + STUCK_SECONDS
        while any(count < least for count, least in zip(self._counts(), wanted, strict=True)):
            if time.monotonic() > deadline:
                raise PartUnavailable("\n".join([STUCK.format(says=self._says), *self._duty.unforeseen]))
            time.sleep(LOOK_SECONDS)
            self._look()

    def come_to_rest(self) -> bool:
        """Wait until the partners have nothing more to say, and the hub nothing more to do; False without an end."""
        began = moved = time.monotonic()
        while (now := time.monotonic()) - began < REST_SECONDS:
            moved = now if self._look() or not self._backlog.empty else moved
            if now - moved > QUIET_SECONDS:
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _counts(self) -> tuple[int, int]:
        """Rows accepted, and rows that have arrived, so far."""
        observed = self._flow.observed
        accepted = sum(map(observed.accepted, observed.sent.values()))
        return accepted, len(observed.sent.keys() & observed.effects.keys())

    def _look(self) -> int:
        """How much news there is; who has ended by itself is noted."""
        self._duty.look()
        return self._flow.look()
