"""The faults of a schedule, each at its time. Faults that break the same parts never overlap."""

import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random

from simulation.chaos.faults import Fault
from simulation.chaos.ground import Ground, Missed
from simulation.chaos.plan import Planned
from simulation.chaos.recovery import Ended, Recoveries

AT_ONCE = 16


class FaultFailed(Exception):
    """Fault that could not be carried out, or broke a part for good."""


class Storm:
    """Running faults. Leaving the block ends all of them."""

    def __init__(
        self,
        ground: Ground,
        faults: Mapping[str, Fault],
        planned: Sequence[Planned],
        recoveries: Recoveries,
    ) -> None:
        self.ended: list[Ended] = []
        self._recoveries = recoveries
        self._ground = ground
        self._faults = faults
        self._waiting = deque(planned)
        self._busy: set[str] = set()
        self._running: dict[Future[None], Planned] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="chaos-fault")

    @property
    def under_way(self) -> list[str]:
        return [planned.name for planned in self._running.values()]

    def advance(self, elapsed_s: float) -> None:
        """Start the faults that are due, unless a running one breaks the same parts. Raises FaultFailed if an
        ended one had failed."""
        self._reap()
        later: list[Planned] = []
        held = set(self._busy)
        while self._waiting and self._waiting[0].at_s <= elapsed_s:
            planned = self._waiting.popleft()
            breaks = self._faults[planned.name].breaks
            if held.intersection(breaks):
                later.append(planned)
                continue
            held.update(breaks)
            self._busy.update(breaks)
            self._running[self._pool.submit(self._act, planned)] = planned
        self._waiting.extendleft(reversed(later))

    def end(self) -> None:
        """End all running faults and wait for them. Idempotent. Raises FaultFailed."""
        self._ground.over.set()
        self._pool.shutdown(cancel_futures=True)
        self._reap()

    def _act(self, planned: Planned) -> None:
        fault, chance, began = self._faults[planned.name], Random(planned.seed), time.time()
        try:
            with fault.act(self._ground, chance):
                if fault.lasts_s[1]:
                    self._ground.wait(chance.uniform(*fault.lasts_s))
        except Missed:
            return
        ended = Ended(planned.name, began, time.time())
        self.ended.append(ended)
        self._recoveries.after(ended)
        self._ground.wait(fault.calm_s)

    def _reap(self) -> None:
        for future in [future for future in self._running if future.done()]:
            planned = self._running.pop(future)
            self._busy.difference_update(self._faults[planned.name].breaks)
            if not future.cancelled() and (error := future.exception()) is not None:
                raise FaultFailed(
                    f"La panne « {planned.name} » a échoué ({type(error).__name__}) : {error}"
                ) from error
