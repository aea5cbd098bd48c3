"""`python -m bench [--quick] [--profile FOLDER]`: measures, shows a table, writes bench/results/."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bench import report
from bench.against import tutorial
from bench.errors import BenchFailed
from bench.ground import Ground
from bench.measure import Measure
from bench.plan import FULL, QUICK, Plan
from bench.stages import pipeline
from bench.whole import whole_way
from deploy.local import PartUnavailable, Parts, local_parts
from deploy.local.ports import reserved_ports

console = Console()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Mesures de débit et de latence.")
    parser.add_argument("--quick", action="store_true", help="un seul tour, court ; rien n'est écrit")
    parser.add_argument("--profile", type=Path, help="dossier des profils cProfile, un par rôle mesuré seul")
    given = parser.parse_args()
    plan = QUICK if given.quick else FULL
    try:
        with local_parts() as parts, tempfile.TemporaryDirectory(prefix="siao-hub-bench-") as folder:
            measures = asyncio.run(rounds(parts, Path(folder), plan, given.profile))
    except (BenchFailed, PartUnavailable) as exc:
        console.print("[red]✗[/]", Text(str(exc)))
        return 1
    report.show(console, measures, plan)
    if not (given.quick or given.profile):
        report.write(measures, plan)
    return 0


async def rounds(parts: Parts, folder: Path, plan: Plan, profiles: Path | None) -> Sequence[Measure]:
    """Every stage in turn, as many times as the plan says, each round on tables and topics of its own."""
    measures: list[Measure] = []
    if profiles:
        profiles.mkdir(parents=True, exist_ok=True)
    with reserved_ports(2) as (port, stub_port), console.status("") as status:
        for number in range(1, plan.rounds + 1):
            status.update(f"tour {number} sur {plan.rounds}…")
            place = folder / f"tour-{number}"
            place.mkdir()
            ground = Ground(parts, place, port, stub_port, profiles)
            await ground.prepare()
            measures.append(await tutorial(ground, plan.tutorial))
            measures += await pipeline(ground, plan)
            measures += await whole_way(ground, plan)
    return measures


if __name__ == "__main__":
    sys.exit(main())
