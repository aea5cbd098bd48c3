"""Command `siao-hub simulate`: plays scenarios and prints their outcomes. Exit status 1 if one is wrong."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import typer

from contracts.errors import Misconfigured
from simulation.accelerated.play import Outcome, play
from simulation.accelerated.scenario import read
from simulation.ends import tally

SCENARIOS = Path(__file__).parents[1] / "scenarios"
UNREADABLE = 2
"""Exit status for an unreadable scenario."""


def all_scenarios() -> list[Path]:
    """Return the scenario files that this package ships."""
    return sorted(SCENARIOS.glob("*.toml"))


def run_scenarios(files: Sequence[Path] | None, out: Path | None) -> int:
    """Play the given scenarios, or all; print each outcome; write the figures to `out`. Return the exit
    status."""
    try:
        outcomes = [play(read(file)) for file in files or all_scenarios()]
    except Misconfigured as exc:
        typer.echo(str(exc), err=True)
        return UNREADABLE
    for outcome in outcomes:
        _tell(outcome)
    every = {f"{each.titre}, {name}": end for each in outcomes for name, end in each.ends.items()}
    typer.echo(f"\n{len(outcomes)} scénarios. {tally(every)}")
    wrong = any(outcome.wrong for outcome in outcomes)
    if out is not None:
        each_told, in_all = [each.as_json() for each in outcomes], Counter(every.values())
        told = {"scenarios": each_told, "orientations": in_all, "juste": not wrong}
        out.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return int(wrong)


def _tell(outcome: Outcome) -> None:
    typer.echo(f"{'✗' if outcome.wrong else '✓'} {outcome.titre}")
    for each in outcome.wrong:
        typer.echo(f"    {each}")
