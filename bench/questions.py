"""Measures each command that the person on duty uses, on tables of a million rows.

`python -m bench.questions [--rows N] [--write]`. Times include the start and end of the command.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from bench.command import console, keep, taken
from bench.crowd import fill
from bench.ground import Ground
from bench.paper import Paper, mark, number
from deploy.local import Parts
from deploy.local.ports import reserved_ports

MILLION = 1_000_000
RUNS = 5
QUESTIONS: Mapping[Sequence[str], float] = {
    ("status",): 1.0,
    ("find", "--etat", "refusee"): 1.0,
    ("quarantine", "list"): 1.0,
    ("quarantine", "list", "--cause", "cause-1"): 1.0,
    ("deliveries", "list"): 1.0,
    ("trace", "CH-102"): 1.0,
    ("partners", "list"): 1.0,
    ("audit", "list"): 1.0,
    ("compte", "--depuis", "2020-01-01T00:00"): 10.0,
}
"""Commands, each with the longest time that it may take, in seconds. The balance reads its whole period; the others
look up few rows."""


@dataclass(frozen=True, slots=True)
class Took:
    """The median time of a command."""

    question: str
    seconds: float
    bound_s: float


def main() -> int:
    """Run the benchmark and return the exit status: 0 when every command is fast enough, else 1."""
    parser = argparse.ArgumentParser(prog="bench.questions", description="Ce que prend chaque question.")
    parser.add_argument("--rows", type=int, default=MILLION, help="lignes par table (1000000)")
    parser.add_argument("--write", action="store_true", help="écrire dans bench/results/")
    options = parser.parse_args()
    result = taken(partial(_measured, options.rows))
    if result is None:
        return 1
    took, about = result
    paper = Paper(
        title="Questions de l'astreinte",
        headers=("Commande", "s", "au plus, s", ""),
        rows=[
            (each.question, number(each.seconds, 2), number(each.bound_s), mark(each.seconds <= each.bound_s))
            for each in took
        ],
        notes=(f"{number(options.rows)} lignes par table ; médiane de {RUNS} fois, du lancement à la fin.",),
        machine=about,
    )
    paper.show(console)
    if options.write:
        keep(paper, "questions", {"lignes": options.rows, "questions": [asdict(each) for each in took]})
    return 0 if all(each.seconds <= each.bound_s for each in took) else 1


async def _measured(rows: int, parts: Parts, folder: Path) -> list[Took]:
    with reserved_ports(2) as (port, stub):
        ground = Ground(parts, folder, port, stub)
        await ground.prepare()
        try:
            async with ground.sql() as connection:
                await fill(connection, rows)
            return [await _took(ground, question) for question in QUESTIONS]
        finally:
            await ground.remove()


async def _took(ground: Ground, question: Sequence[str]) -> Took:
    seconds = sorted([await _once(ground, question) for _ in range(RUNS)])
    return Took(" ".join(question), seconds[RUNS // 2], QUESTIONS[question])


async def _once(ground: Ground, question: Sequence[str]) -> float:
    as_installed = {"PYTHONDONTWRITEBYTECODE": ""}  # nothing is compiled at each start
    begun = time.monotonic()
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ops.commands", *question),
        env={**os.environ, **as_installed, **ground.environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await running.wait()
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
