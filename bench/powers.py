"""Measures the cost of a message while the big tables hold from a thousand to millions of rows: `python -m
bench.powers [--to 7]`.

The whole hub runs at full speed on tables as a long life leaves them: all rows are settled, and belong to the
partner that sends.
"""

import argparse
import sys
from functools import partial
from pathlib import Path

from bench.command import console, keep, taken
from bench.crowd import fill
from bench.ground import Ground
from bench.measure import HUB, POSTGRES, Measure
from bench.paper import Paper, number
from bench.plan import QUICK
from bench.territories import AIN
from bench.whole import run
from deploy.local import Parts
from deploy.local.ports import reserved_ports

FIRST, LAST = 3, 6
MESSAGES = 6_000
HEADERS = ("Lignes par grande table", "Messages/s", "Hub µs", "PostgreSQL µs")


def main() -> int:
    """Run the benchmark and return the exit status: 0 when all figures were taken, 1 when the run failed."""
    parser = argparse.ArgumentParser(description="Le coût d'un message, selon ce que les tables contiennent.")
    parser.add_argument("--to", type=int, default=LAST, help="la plus grande puissance de dix (6)")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    given = parser.parse_args()
    result = taken(partial(measured, powers=range(FIRST, given.to + 1)))
    if result is None:
        return 1
    measures, about = result
    notes = [f"{number(MESSAGES)} messages de bout en bout à chaque fois ; µs : calcul par message."]
    paper = Paper("Ce que coûte un message", HEADERS, list(map(_row, measures)), notes, about)
    paper.show(console)
    if given.write:
        keep(paper, "puissances", {measure.stage: measure.figures for measure in measures})
    return 0


async def measured(parts: Parts, folder: Path, powers: range) -> list[Measure]:
    """Return the cost of a message for each power of ten of rows, each on tables of its own."""
    measures = []
    with reserved_ports(2) as (port, stub_port), console.status("") as status:
        for rows in (10**power for power in powers):
            status.update(f"{number(rows)} lignes…")
            ground = Ground(parts, folder, port, stub_port)
            await ground.prepare()
            async with ground.sql() as connection:
                await fill(connection, rows, settled=True, of=AIN.shelter)
            measures.append(await run(ground, QUICK, number(rows), MESSAGES))
            await ground.remove()
    return measures


def _row(measure: Measure) -> list[str]:
    figures = measure.figures
    names = ("par_s", f"{HUB}_us", f"{POSTGRES}_us")
    return [measure.stage, *(number(figures.get(name, 0)) for name in names)]


if __name__ == "__main__":
    sys.exit(main())
