"""`siao-hub chaos`: minutes of faults on a hub at work, judged by the partners' journals."""

import json
import signal
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from rich.console import Console

from deploy.local import Parts, PartUnavailable, local_parts
from deploy.local.disk import can_mount
from deploy.local.folder import run_folder
from deploy.local.ports import reserved_ports
from simulation import screen, stage
from simulation.chaos import evidence, report
from simulation.chaos.crew import Crew
from simulation.chaos.faults import Fault, chosen, impossible, left_out
from simulation.chaos.reckoning import Account
from simulation.chaos.trial import Trial
from simulation.hub_process import HubProcess
from simulation.stage import Stage
from simulation.troupe import Troupe

INTERRUPTED = 130
PLACES_PER_SECOND = 3.0
"""Each brings some ten messages."""
STABLE_SECONDS = 2.0
"""How long a dropped file must not move: a half-uploaded one is then no file."""
BACKOFF_MAX_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for on the command line."""

    minutes: float
    seed: int
    faults: str
    nodes: int
    json_file: Path | None = None
    keep: Path | None = None
    """Where the journals and logs go of a run that is not sound."""


def run_chaos(order: Order) -> int:
    """Exit status: 0 only when nothing was lost, doubled, overtaken, orphaned or stuck."""
    console = screen.new_console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        unable = impossible(order.nodes, disks=can_mount())
        out = left_out(unable) if order.faults == "all" else {}
        for name, why in out.items():
            console.print(f"  Panne laissée de côté : « {name} » ({why}).")
        return _run(console, order, chosen(order.faults, unable), out)
    except (PartUnavailable, ValueError) as exc:
        console.print(f"[red]✗[/] {exc}")
        return 1
    except KeyboardInterrupt:
        console.print("\n  Arrêté : aucun processus ni fichier ne reste.")
        return INTERRUPTED


def _run(console: Console, order: Order, faults: Mapping[str, Fault], out: Mapping[str, str]) -> int:
    with ExitStack() as stack:
        with console.status("Kafka et PostgreSQL démarrent…"):
            disks = any(fault.own_disks for fault in faults.values())
            parts = stack.enter_context(local_parts(order.nodes, own=True, own_disks=disks))
            folder = stack.enter_context(run_folder("chaos"))
            ports = stack.enter_context(reserved_ports(stage.PORTS))
            setting = _set_up(folder, ports, parts, order)
        troupe = stack.enter_context(Troupe(setting))
        chance = Random(f"{order.seed}/equipe")
        crew = stack.enter_context(Crew(folder, setting.environment, chance, sabotage="points" in faults))
        with console.status("Le hub et ses partenaires démarrent…"):
            _start(crew, troupe, setting)
        trial = Trial(console, setting, parts, troupe, crew)
        trial.run(faults, order.minutes * 60, order.seed)
        found = trial.judge()
        _conclude(console, trial, crew, found, order, out)
        if order.keep is not None and not found.sound:
            evidence.keep(order.keep, found, trial.observed, setting, parts)
    return 0 if found.sound else 1


def _set_up(folder: Path, ports: Sequence[int], parts: Parts, order: Order) -> Stage:
    seconds = order.minutes * 60
    environment = {
        **parts.environment,
        "SIAO_HUB_KAFKA__REPLICATION": str(order.nodes),
        "SIAO_HUB_KAFKA__MIN_INSYNC_REPLICAS": str(min(order.nodes, 2)),
        "SIAO_HUB_DISPATCHER__BACKOFF_MAX_S": str(BACKOFF_MAX_SECONDS),
    }
    places = int(seconds * PLACES_PER_SECOND)
    today = date.today()  # noqa: DTZ011 - a partner's own day
    return stage.set_up(
        folder, ports, environment, places, order.seed, today, spread_s=seconds, stable_s=STABLE_SECONDS
    )


def _start(crew: Crew, troupe: Troupe, setting: Stage) -> None:
    hub = HubProcess(setting.folder, setting.environment, setting.hub_url)
    troupe.start()
    hub.prepare(setting.registry)
    crew.start()
    troupe.wait_until_ready()
    crew.wait_until(hub.is_ready)
    setting.start.touch()


def _conclude(
    console: Console, trial: Trial, crew: Crew, found: Account, order: Order, out: Mapping[str, str]
) -> None:
    console.print()
    console.print(report.table(trial.faults, trial.recoveries))
    console.print()
    for line in (
        *report.summary(found, trial.quiet_s, trial.ground.did),
        *report.troubles(found, crew.unforeseen),
    ):
        console.print(line)
    console.print()
    console.print(report.conclusion(found, trial.kills))
    console.print()
    if order.json_file is not None:
        said = report.figures(
            found,
            trial.faults,
            trial.recoveries,
            seed=order.seed,
            minutes=order.minutes,
            nodes=order.nodes,
            kills=trial.kills,
            quiet_s=trial.quiet_s,
            ended_by_themselves=len(crew.unforeseen),
            left_out=dict(out),
            did=dict(trial.ground.did),
            restored_back_s=[round(one.back_s, 1) for one in trial.ground.restorations],
        )
        order.json_file.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
