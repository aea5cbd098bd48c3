"""The command `python -m bench [--quick] [--profile FOLDER]`: measure, print a table, write bench/results/."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from bench import report
from bench.against import tutorial
from bench.command import console, keep, taken
from bench.ground import Ground
from bench.measure import Measure, over_rounds
from bench.plan import FULL, QUICK, Plan
from bench.stages import pipeline
from bench.whole import whole_way
from deploy.local import Parts
from deploy.local.ports import reserved_ports


def main() -> int:
    """Run the benchmark and return the exit status: 0 when all figures were taken, good or bad; 1 when the run
    failed."""
    parser = argparse.ArgumentParser(prog="make bench", description="Mesures de débit et de latence.")
    parser.add_argument("--quick", action="store_true", help="un seul tour, court ; rien n'est écrit")
    parser.add_argument("--profile", type=Path, help="dossier des profils, un par rôle ; rien n'est écrit")
    given = parser.parse_args()
    if given.profile:
        given.profile.mkdir(parents=True, exist_ok=True)
    result = taken(partial(measured, plan=QUICK if given.quick else FULL, profiles=given.profile))
    if result is None:
        return 1
    rounds, about = result
    figures = over_rounds(rounds)
    paper = report.paper(figures, about)
    paper.show(console)
    if not (given.quick or given.profile):
        keep(paper, f"{os.cpu_count()}-coeurs", report.content(figures, rounds))
    return 0


async def measured(parts: Parts, folder: Path, plan: Plan, profiles: Path | None) -> list[list[Measure]]:
    """Run every stage, in as many rounds as the plan says. Each round has tables and topics of its own."""
    rounds = []
    with reserved_ports(2) as (port, stub_port), console.status("") as status:
        for number in range(1, plan.rounds + 1):
            status.update(f"tour {number} sur {plan.rounds}…")
            ground = Ground(parts, folder, port, stub_port, profiles)
            await ground.prepare()
            reference = await tutorial(ground, plan.tutorial)
            rounds.append([reference, *await pipeline(ground, plan), *await whole_way(ground, plan)])
            await ground.remove()
    return rounds


if __name__ == "__main__":
    sys.exit(main())
