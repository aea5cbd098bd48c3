"""Command `siao-hub chaos`: minutes of faults on a working hub, judged by the partners' journals."""

import json
import math
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from deploy.local import Parts, PartUnavailable, local_parts
from deploy.local.disk import can_mount
from deploy.local.folder import run_folder
from deploy.local.ports import reserved_ports
from deploy.local.process import Child
from simulation import screen, stage
from simulation.chaos import evidence, report
from simulation.chaos.crew import Crew
from simulation.chaos.deadlines import DELAIS
from simulation.chaos.drops import STABLE_SECONDS
from simulation.chaos.faults import MERGER, Fault, chosen, impossible, left_out
from simulation.chaos.kills import Kills
from simulation.chaos.machines import Machines, can_separate, two_machines
from simulation.chaos.outcome import Outcome
from simulation.chaos.pair import paired
from simulation.chaos.storm import FaultFailed
from simulation.chaos.trial import Trial
from simulation.hub_process import HubProcess, module
from simulation.stage import Stage
from simulation.time_stamps import authority
from simulation.troupe import Troupe

INTERRUPTED, MISUSED = 130, 2
NODES = (1, 3)
PLACES_PER_SECOND = 3.0
"""Rate at which places become vacant; each causes some ten messages."""
BACKOFF_MAX_SECONDS = 15.0
STAMP_SECONDS = 3.0
"""Interval at which the hub asks for time stamps."""


@dataclass(frozen=True, slots=True)
class Order:
    """Options of the command `siao-hub chaos`."""

    minutes: float
    seed: int
    faults: str
    nodes: int
    json_file: Path | None = None
    keep: Path | None = None
    """Folder for journals and logs of a run that is not sound."""


def run_chaos(order: Order) -> int:
    """Run the faults and return the exit status: 0 for a sound run, 1 if not, 2 for invalid options, 130
    after Ctrl-C."""
    console = screen.new_console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        unable = impossible(order.nodes, disks=can_mount(), machines=can_separate())
        faults = chosen(order.faults, unable)
        check(order)
    except ValueError as exc:
        console.print(f"[red]✗[/] {exc}")
        return MISUSED
    out = left_out(unable) if order.faults == "all" else {}
    for name, why in out.items():
        console.print(f"  Panne laissée de côté : « {name} » ({why}).")
    try:
        with _written(order, out) as known:
            return _run(console, order, faults, known)
    except (PartUnavailable, FaultFailed) as exc:
        console.print(f"[red]✗[/] {exc}")
        return 1
    except KeyboardInterrupt:
        console.print("\n  Arrêté : aucun processus ni fichier ne reste.")
        return INTERRUPTED


def check(order: Order) -> None:
    """Check the options. Raises ValueError, in French."""
    if not 0 < order.minutes < math.inf:
        raise ValueError(f"--minutes {order.minutes:g} : il faut une durée plus grande que zéro")
    if order.nodes not in NODES:
        raise ValueError(f"--nodes {order.nodes} : Kafka tourne ici sur 1 ou 3 nœuds")
    if order.json_file is not None:
        try:
            order.json_file.open("a").close()
        except OSError as exc:
            raise ValueError(
                f"--json {order.json_file} : ce fichier ne peut pas être écrit ({exc.strerror})"
            ) from exc


@contextmanager
def _written(order: Order, out: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """Give a dict for the facts of the run, written to any JSON file of `order` when the block ends."""
    known: dict[str, object] = {
        "sound": False,
        "version": version("siao-hub"),
        "seed": order.seed,
        "minutes": order.minutes,
        "nodes": order.nodes,
        "left_out": dict(out),
        **dict.fromkeys(("accepted", "kills", "faults", "lost", "duplicates", "inversions", "orphans")),
    }
    try:
        yield known
    finally:
        if order.json_file is not None:
            order.json_file.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n")


def _run(console: Console, order: Order, faults: Mapping[str, Fault], known: dict[str, object]) -> int:
    with ExitStack() as stack:
        with console.status("Kafka et PostgreSQL démarrent…"):
            disks = any(fault.own_disks for fault in faults.values())
            parts = stack.enter_context(local_parts(order.nodes, own=True, own_disks=disks))
            folder = stack.enter_context(run_folder("chaos"))
            *ports, tsa_port = stack.enter_context(reserved_ports(stage.PORTS + 1))
            pair = None
            if any(fault.standby for fault in faults.values()):
                replica = any(fault.key_replica for fault in faults.values())
                parts, pair = stack.enter_context(paired(parts, key_replica=replica))
            dated = stack.enter_context(_dated(folder, tsa_port))
            known_to_hub = {**parts.environment, **(pair.environment if pair else {}), **dated}
            setting = _set_up(folder, ports, known_to_hub, order, merging=MERGER in faults)
        troupe = stack.enter_context(Troupe(setting))
        sabotage = "points" in faults
        machines = None
        if any(fault.machines for fault in faults.values()):
            machines = stack.enter_context(_separated(ports[0], parts))
        crew = stack.enter_context(
            Crew(folder, setting.environment, order.seed, Kills(), sabotage=sabotage, machines=machines)
        )
        with console.status("Le hub et ses partenaires démarrent…"):
            _start(crew, troupe, setting)
        trial = Trial(console, setting, parts, troupe, crew)
        trial.ground.pair, trial.ground.machines = pair, machines
        outcome = _carried_through(trial, faults, order, known)
        _show(console, trial, outcome)
        if order.keep is not None and not outcome.sound:
            evidence.keep(order.keep, outcome.account, trial.observed, setting, parts)
    return 0 if outcome.sound else 1


def _separated(door: int, parts: Parts) -> AbstractContextManager[Machines]:
    assert parts.postgres is not None
    brokers = [int(address.rpartition(":")[2]) for address in parts.bootstrap.split(",")]
    return two_machines(door, [parts.postgres.port, *brokers])


def _carried_through(
    trial: Trial, faults: Mapping[str, Fault], order: Order, known: dict[str, object]
) -> Outcome:
    """Run the faults and judge the result. `known` receives the figures, also of an aborted run."""
    outcome = None
    try:
        trial.run(faults, order.minutes * 60, order.seed)
        outcome = trial.judge()
    finally:
        trial.ground.did["horodatage"] = _stamps(trial.ground.stage)
        known |= trial.so_far() if outcome is None else report.figures(outcome, trial.recoveries)
        known["did"] = dict(trial.ground.did)
        known["restored_back_s"] = [round(one.back_s, 1) for one in trial.ground.restorations]
    return outcome


@contextmanager
def _dated(folder: Path, port: int) -> Iterator[Mapping[str, str]]:
    """Run a time-stamping authority that answers half of the time; give the hub's variables for it."""
    running = Child(folder, folder / "horodatage.log")
    tsa = authority(folder / "horodatage", port)
    running.spawn([*module("simulation.time_stamps"), str(tsa.folder), str(port)])
    try:
        yield {
            "SIAO_HUB_TIME_STAMPS__URL": tsa.url,
            "SIAO_HUB_TIME_STAMPS__CA_FILE": str(tsa.ca_file),
            "SIAO_HUB_TIME_STAMPS__EVERY_S": str(STAMP_SECONDS),
        }
    finally:
        running.stop()


def _stamps(setting: Stage) -> int:
    file = Path(setting.environment["SIAO_HUB_AUDIT_STAMPS_FILE"])
    return len(file.read_bytes().splitlines()) if file.exists() else 0


def _set_up(
    folder: Path, ports: Sequence[int], parts: Mapping[str, str], order: Order, *, merging: bool = False
) -> Stage:
    seconds = order.minutes * 60
    environment = {
        **parts,
        "SIAO_HUB_KAFKA__REPLICATION": str(order.nodes),
        "SIAO_HUB_KAFKA__MIN_INSYNC_REPLICAS": str(min(order.nodes, 2)),
        "SIAO_HUB_DISPATCHER__BACKOFF_MAX_S": str(BACKOFF_MAX_SECONDS),
    }
    places = int(seconds * PLACES_PER_SECOND)
    today = date.today()  # noqa: DTZ011 - a partner's own day
    return stage.set_up(
        folder,
        ports,
        environment,
        places,
        order.seed,
        today,
        spread_s=seconds,
        stable_s=STABLE_SECONDS,
        delais=DELAIS,
        merging=merging,
        listing=True,
    )


def _start(crew: Crew, troupe: Troupe, setting: Stage) -> None:
    hub = HubProcess(setting.folder, setting.environment, setting.hub_url)
    troupe.start()
    hub.prepare(setting.registry)
    crew.start()
    troupe.wait_until_ready()
    crew.wait_until(hub.is_ready)
    setting.start.touch()


def _show(console: Console, trial: Trial, outcome: Outcome) -> None:
    console.print()
    console.print(report.table(outcome.faults, trial.recoveries))
    console.print()
    for line in (
        *report.summary(outcome.account, outcome.quiet_s, trial.ground.did),
        report.proof(outcome.kills),
        *report.troubles(outcome.account, outcome.unforeseen),
    ):
        console.print(line)
    console.print()
    console.print(screen.closing(outcome.account.ends))
    console.print(report.conclusion(outcome))
    console.print()
