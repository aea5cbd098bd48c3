"""Option `--jours` of `siao-hub simulate`: plays a département and prints the result. Exit status 1 if
anything is wrong."""

import json
import time
from pathlib import Path

import typer

from simulation.departement.play import Outcome, play
from simulation.departement.setting import TERRITOIRE, USUAL
from simulation.ends import tally
from simulation.screen import count, duration

SHOWN = 20
"""Faults that are printed; the JSON has all."""


def run_days(days: int, seed: int, out: Path | None) -> int:
    """Play `days` days and print the outcome; write the figures to `out`. Return the exit status."""
    began = time.perf_counter()
    outcome = play(USUAL, seed, days)
    took_s = time.perf_counter() - began
    _tell(outcome, took_s)
    if out is not None:
        told = {**outcome.as_json(), "secondes": round(took_s, 1), "juste": not outcome.wrong}
        out.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return int(bool(outcome.wrong))


def _tell(outcome: Outcome, took_s: float) -> None:
    delivered = outcome.delivered.total()
    typer.echo(
        f"{outcome.days} jours du département {TERRITOIRE} en {duration(took_s)} : {outcome.partners} partenaires, "
        f"{count(outcome.said)} messages acceptés, {count(delivered)} livraisons"
    )
    for name, number in outcome.delivered.most_common():
        typer.echo(f"  {number:>7} {name}")
    for each in outcome.wrong[:SHOWN]:
        typer.echo(f"  ✗ {each}")
    typer.echo(f"\n{'✗' if outcome.wrong else '✓'} {tally(outcome.ends)}")
