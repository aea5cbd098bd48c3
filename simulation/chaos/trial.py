"""Fault run: faults under load, then calm, then judgement."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from rich.console import Console
from rich.live import Live

from contracts.partner import ClasseLivraison
from deploy.local import Parts
from simulation import alerts, fates, listed, moods, observation, whereabouts
from simulation.cast import BY_THE_LOT, CENTRE_CSV, OBSERVATION, SIAO_LISTE
from simulation.chaos import accounts, deadlines, merging, report
from simulation.chaos.backlog import Backlog
from simulation.chaos.crew import Crew
from simulation.chaos.drops import Drops
from simulation.chaos.faults import Fault
from simulation.chaos.ground import Ground
from simulation.chaos.hub_records import HubRecords
from simulation.chaos.outcome import Outcome
from simulation.chaos.plan import plan
from simulation.chaos.reckoning import account
from simulation.chaos.recovery import Ended, Recoveries
from simulation.chaos.storm import Storm
from simulation.observed import Observed
from simulation.sftp_server import DELIVERIES, ROOT
from simulation.stage import Stage
from simulation.troupe import Troupe

LOOK_SECONDS = 0.2
QUIET_SECONDS = 16.0
"""Time without new journal lines and pending work that counts as calm."""
DEADLINE_SECONDS = 300.0


class Trial:
    """Fault run: what it observes, and its judgement."""

    def __init__(self, console: Console, stage: Stage, parts: Parts, troupe: Troupe, crew: Crew) -> None:
        assert parts.kafka is not None
        assert parts.postgres is not None
        self.observed = Observed()
        self.recoveries = Recoveries()
        self.quiet_s: float | None = None
        """Seconds from the end of the last fault to the last new record of a journal; None if new records
        kept coming."""
        self._console, self._stage, self._troupe, self._crew = console, stage, troupe, crew
        self._drops = Drops(stage.configs[CENTRE_CSV.id])
        schema = stage.environment["SIAO_HUB_DATABASE__SCHEMA_NAME"]
        self._backlog = Backlog(parts.dsn, schema)
        hub, over = HubRecords(parts.dsn, schema), threading.Event()
        self.ground = Ground(crew, parts.kafka, parts.postgres, stage, self._drops, over, hub)
        self.ground.proposals_under_way = lambda: whereabouts.under_way(self.observed)
        self._ended: list[Ended] = []

        crew.kills.unfinished = lambda: self._backlog.in_hand

    @property
    def faults(self) -> Counter[str]:
        """Number of ended faults by name, and of self-kills by point."""
        ended = Counter(fault.name for fault in self._ended)
        return ended + Counter({f"point.{point}": n for point, n in self._crew.points.items()})

    def run(self, faults: Mapping[str, Fault], seconds: float, seed: int) -> None:
        """Run the faults for some seconds; return once the run is calm. Raises PartUnavailable or
        FaultFailed."""
        planned = plan({name: fault.often for name, fault in faults.items()}, seconds, seed)
        with ExitStack() as stack:
            stack.enter_context(self._backlog)
            for fault in faults.values():
                if fault.first is not None:
                    fault.first(self.ground)
            storm = Storm(self.ground, faults, planned, self.recoveries)
            stack.callback(lambda: self._ended.extend(storm.ended))
            stack.callback(storm.end)
            live = stack.enter_context(Live(console=self._console, refresh_per_second=4, transient=True))
            begun = time.monotonic()
            while (elapsed_s := time.monotonic() - begun) < seconds:
                storm.advance(elapsed_s)
                self._look()
                self._show(live, elapsed_s, seconds, storm.under_way)
                time.sleep(LOOK_SECONDS)
            storm.end()
            self._restore()
            self.quiet_s = self._wait_until_quiet(live, begun, seconds)

    def judge(self) -> Outcome:
        """Ask the hub about missing rows and its accounts, and judge the journals.

        After a restoration, deadlines and sets under way are not judged.
        """
        now = time.time_ns()
        explained = asyncio.run(fates.ask(self.observed, self._stage.hub_url, self._stage.configs))
        hub, ledger, restorations = self.ground.hub, self.ground.ledger, self.ground.restorations
        deliveries, restored, merger = hub.deliveries(), bool(restorations), self.ground.merger
        if not restored:
            folder = self._stage.configs[OBSERVATION.id].folder
            self.observed.begun = observation.begun(folder / ROOT / DELIVERIES)
        cannot_tell = self._stage.of_class(ClasseLivraison.AUCUNE) | (BY_THE_LOT if restored else frozenset())
        own = (
            *accounts.differences(
                hub.accepted(),
                deliveries,
                self.observed,
                cannot_tell=cannot_tell,
                restored=restored,
                taken_over=merging.OLD if merger else (),
            ),
            *ledger.troubles(hub.quarantined()),
            *self._drops.troubles(),
            *listed.troubles(self.observed, self._stage.configs[SIAO_LISTE.id].seed, restored=restored),
        )
        undecided = [each for each in deliveries if each.undecided]
        self.ground.did["incertaine"] = len(undecided)
        self.ground.did["echeance"] = sum(1 for _ in alerts.stages(self.observed))
        self.ground.did["transfert"] = whereabouts.transferred(self.observed)
        self.ground.did["liste"] = listed.changes(self.observed)
        self.ground.did["etape"] = len(self.observed.steps)
        self.recoveries.measure(self.observed)
        found = account(
            self.observed,
            explained,
            own,
            restorations,
            undecided,
            awaited=deadlines.running(self.observed, self._ended, now),
            deadlines=() if restorations else deadlines.troubles(self.observed, self._ended, now, undecided),
            misplaced=merging.troubles(self.observed, merger, explained) if merger else (),
            observes=True,
        )
        return Outcome(found, self.faults, self._crew.kills, self.quiet_s, self._crew.unforeseen)

    def so_far(self) -> dict[str, object]:
        return report.so_far(self.observed, self.faults, self._crew.kills)

    def _restore(self) -> None:
        for config in self._stage.configs.values():
            for file in (config.mood, config.manner):
                moods.write(file, None)
        self._crew.disarm()

    def _wait_until_quiet(self, live: Live, begun: float, seconds: float) -> float | None:
        ended = moved = time.monotonic()
        while (now := time.monotonic()) - ended < DEADLINE_SECONDS:
            busy = self._look() or not self._backlog.empty or not self._crew.all_there()
            busy = busy or deadlines.to_come(self.observed, time.time_ns())
            moved = now if busy else moved
            if now - moved > QUIET_SECONDS:
                return moved - ended
            self._show(live, now - begun, seconds, ())
            time.sleep(LOOK_SECONDS)
        return None

    def _look(self) -> int:
        self._troupe.check()
        self._drops.collect()
        return self._troupe.read_into(self.observed) + self._drops.read_into(self.observed)

    def _show(self, live: Live, elapsed_s: float, seconds: float, under_way: Sequence[str]) -> None:
        live.update(report.progress(self.observed, elapsed_s, seconds, self._crew.kills.total, under_way))
