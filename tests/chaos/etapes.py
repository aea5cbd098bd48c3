"""Steps of an upgrade: the duration of each, and what was accepted and arrived in it by the partners' journals."""

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
"""Time without new journal lines and pending work after which the run counts as calm. It is longer than a partner
delays an answer."""
REST_SECONDS = 180.0


class Moment(StrEnum):
    """Parts of an upgrade: before the tables are migrated; while a process of the former version still runs; after
    that."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Step:
    """A finished step of an upgrade, with the rows accepted and delivered in it."""

    moment: Moment
    says: str
    seconds: float
    accepted: int
    delivered: int


class Steps:
    """The steps of an upgrade, without gaps: each counts from the end of the one before. `tell` gets the name of
    each as it begins."""

    def __init__(self, flow: Flow, duty: Duty, backlog: Backlog, tell: Callable[[str], None]) -> None:
        self.past: list[Step] = []
        self._flow, self._duty, self._backlog, self._tell = flow, duty, backlog, tell
        self._counted, self._says = self._counts(), ""

    @contextmanager
    def step(self, moment: Moment, says: str) -> Iterator[None]:
        """Measure the block as one step."""
        began = time.monotonic()
        self._says = says
        self._tell(f"{says}…")
        yield
        self._look()
        accepted, delivered = (now - then for now, then in zip(self._counts(), self._counted, strict=True))
        self._counted = self._counts()
        self.past.append(Step(moment, says, time.monotonic() - began, accepted, delivered))

    def goes_on(self, rows: int) -> None:
        """Wait until `rows` more rows were accepted and as many have arrived. Raises PartUnavailable after a
        deadline."""
        self._look()
        wanted = tuple(count + rows for count in self._counts())
        deadline = time.monotonic() + STUCK_SECONDS
        while any(count < least for count, least in zip(self._counts(), wanted, strict=True)):
            if time.monotonic() > deadline:
                raise PartUnavailable("\n".join([STUCK.format(says=self._says), *self._duty.unforeseen]))
            time.sleep(LOOK_SECONDS)
            self._look()

    def come_to_rest(self) -> bool:
        """Wait until partners and hub have nothing more to do. Return False if this does not happen in time."""
        began = moved = time.monotonic()
        while (now := time.monotonic()) - began < REST_SECONDS:
            moved = now if self._look() or not self._backlog.empty else moved
            if now - moved > QUIET_SECONDS:
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _counts(self) -> tuple[int, int]:
        """Return the numbers of rows accepted and of rows arrived so far."""
        observed = self._flow.observed
        accepted = sum(map(observed.accepted, observed.sent.values()))
        return accepted, len(observed.sent.keys() & observed.effects.keys())

    def _look(self) -> int:
        """Read the journals and note processes that have ended by themselves. Return the number of new journal
        lines."""
        self._duty.look()
        return self._flow.look()
