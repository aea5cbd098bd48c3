"""Watch over the demo: reads the growing journals, kills the hub at the right moments, recognises the end."""

import time

from rich.console import Console
from rich.live import Live

from deploy.local import PartUnavailable
from simulation import derived, pathways, screen
from simulation.hub_process import READY_SECONDS, HubProcess, tail
from simulation.observed import Observed
from simulation.oracle import Verdict, judge
from simulation.stage import Stage
from simulation.troupe import Troupe

REFRESH_SECONDS = 0.4
SHARE_OF_TIME = 8
"""Shortest pause of the watcher, in durations of a judgement."""
QUIET_SECONDS = 60.0
"""Time without new journal lines after which the demo is over."""
AFTERWARDS_SECONDS = 2.0
"""Time for which the demo still watches after its end, for late repetitions."""


class Watch:
    """One run of the demo, shown on the screen as it goes."""

    def __init__(
        self, console: Console, stage: Stage, troupe: Troupe, hub: HubProcess, loops: int, kills: int
    ) -> None:
        self.observed = Observed()
        self.killed = 0
        self._console = console
        self._stage = stage
        self._troupe = troupe
        self._hub = hub
        self._loops = loops
        self._kills = kills
        self.events: list[str] = []
        self._begun = time.monotonic()
        self._killed_at: float | None = None

    def run(self) -> None:
        """Watch until every loop is closed and every accepted row has arrived, or no journal has grown for a
        minute.

        Raises PartUnavailable.
        """
        moved = self._begun
        ended: float | None = None
        with Live(console=self._console, refresh_per_second=4, transient=True) as live:
            while True:
                news = self._troupe.read_into(self.observed)
                now = time.monotonic()
                moved = now if news else moved
                looked = time.monotonic()
                verdict = judge(self.observed)
                live.update(screen.live(verdict, now - self._begun, self._loops, self.events))
                rest_s = max(REFRESH_SECONDS, SHARE_OF_TIME * (time.monotonic() - looked))
                ended = (ended or now) if self._is_over(verdict) else None
                if (ended and now - ended > AFTERWARDS_SECONDS) or now - moved > QUIET_SECONDS:
                    return
                self._check()
                self._kill_when_due(verdict)
                time.sleep(rest_s)

    def _is_over(self, verdict: Verdict) -> bool:
        if verdict.total.answered < self._loops or self.killed < self._kills or self._killed_at is not None:
            return False
        answered = all(self.observed.answer_to(sent) for sent in self.observed.sent.values())
        on_its_way = self.observed.missing() or derived.untold(self.observed)
        return answered and not on_its_way and not any(pathways.troubles(self.observed))

    def _check(self) -> None:
        self._troupe.check()
        if not self._hub.runs():
            raise PartUnavailable(f"Le hub s'est arrêté.\n{tail(self._hub.log)}")

    def _kill_when_due(self, verdict: Verdict) -> None:
        """Kill and restart the hub each time that another share of the loops is closed."""
        if self._killed_at is not None:
            self._see_it_return(self._killed_at)
            return
        share = (self.killed + 1) / (self._kills + 1)
        if self.killed < self._kills and verdict.total.answered >= share * self._loops * 0.9:
            self._killed_at = time.monotonic()
            self._hub.kill9()
            self._hub.start()
            self.killed += 1
            self.events.append(f"kill -9 du hub à {screen.duration(self._killed_at - self._begun)}")

    def _see_it_return(self, killed_at: float) -> None:
        """Once the hub is ready after a kill, record how long it was down. Raises PartUnavailable after a
        deadline."""
        if self._hub.is_ready():
            self._killed_at = None
            self.events[-1] += f" ; prêt de nouveau après {screen.duration(time.monotonic() - killed_at)}"
        elif time.monotonic() - killed_at > READY_SECONDS:
            raise PartUnavailable(f"Le hub ne revient pas.\n{tail(self._hub.log)}")
