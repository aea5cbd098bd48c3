"""The figures as a table for the terminal, and as JSON and Markdown for bench/results/."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bench.measure import HUB, KAFKA, LOAD, POSTGRES, Figures, Measure, Range
from bench.targets import TARGETS

RESULTS = Path(__file__).parent / "results"
HEADERS = (
    "Étape",
    "Messages/s",
    "Hub µs",
    "PostgreSQL µs",
    "Kafka µs",
    "Charge µs",
    "Rapport",
    "Objectif",
)
NOTES = (
    "Médiane [minimum – maximum] des tours. µs : CPU par message. Rapport : au tutoriel FastStream du même tour.",
    "Bout en bout : du premier envoi à la dernière arrivée ; tout ce qui est accepté est arrivé une fois.",
    "Latence : du moment d'envoi prévu à l'arrivée chez le partenaire.",
)


def show(console: Console, figures: Figures, machine: Mapping[str, str]) -> None:
    """Print everything that there is to know."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in HEADERS:
        table.add_column(name, justify="left" if name in ("Étape", "Objectif") else "right", no_wrap=True)
    for stage, values in figures.items():
        table.add_row(*map(_coloured, _row(stage, values)))
    console.print(table)
    for line in (*_further(figures), *NOTES, *(f"{name} : {value}" for name, value in machine.items())):
        console.print(line, style="dim", highlight=False, markup=False, soft_wrap=True)


def write(figures: Figures, rounds: Sequence[Sequence[Measure]], machine: Mapping[str, str]) -> Path:
    """Write `date-cores.json` and `.md`; the path of the latter."""
    now = datetime.now().astimezone()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%d}-{os.cpu_count()}-coeurs.md"
    runs = [{measure.stage: measure.figures for measure in measures} for measures in rounds]
    content = {"date": now.isoformat(timespec="seconds"), "machine": machine, "etapes": _plain(figures)}
    text = json.dumps({**content, "tours": runs}, ensure_ascii=False, indent=1)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    path.write_text(_markdown(figures, machine, now), encoding="utf-8")
    return path


def _row(stage: str, values: Mapping[str, Range]) -> list[str]:
    costs = [_whole(values.get(f"{group}_us")) for group in (HUB, POSTGRES, KAFKA, LOAD)]
    target = TARGETS.get(stage)
    return [
        stage,
        _spread(values["par_s"]),
        *costs,
        f"{values['rapport'].median:.1f}".replace(".", ","),
        f"{_mark(stage, values)} {target.text}" if target else "",
    ]


def _coloured(cell: str) -> str:
    return escape(cell).replace("✓", "[green]✓[/]").replace("✗", "[red]✗[/]")


def _mark(stage: str, values: Mapping[str, Range]) -> str:
    target = TARGETS.get(stage)
    if target is None or target.figure not in values:
        return ""
    return "✓" if target.is_met(values[target.figure].median) else "✗"


def _further(figures: Figures) -> list[str]:
    lines = []
    for stage, values in figures.items():
        if "p99_ms" in values:
            waits = ", ".join(
                f"{name[:-3]} {_spread(values[name])} ms" for name in ("p50_ms", "p99_ms", "max_ms")
            )
            lines.append(f"{stage} : {waits}")
        elif "acceptes_par_s" in values:
            lines.append(f"{stage} : {_spread(values['acceptes_par_s'])} acceptés/s pendant l'envoi")
    return lines


def _markdown(figures: Figures, machine: Mapping[str, str], now: datetime) -> str:
    rows = [HEADERS, ["---"] * len(HEADERS), *(_row(stage, values) for stage, values in figures.items())]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    further = "\n".join(f"* {line}" for line in (*_further(figures), *NOTES))
    about = "\n".join(f"* {name} : {value}" for name, value in machine.items())
    return f"# Mesures du {now:%d/%m/%Y}\n\n{table}\n\n{further}\n\n## Machine\n\n{about}\n"


def _plain(figures: Figures) -> dict[str, object]:
    return {
        stage: {name: asdict(value) for name, value in values.items()} for stage, values in figures.items()
    }


def _whole(value: Range | None) -> str:
    return "—" if value is None else _number(value.median)


def _spread(value: Range) -> str:
    middle, lowest, highest = map(_number, (value.median, value.lowest, value.highest))
    return middle if lowest == highest else f"{middle} [{lowest} – {highest}]"


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ")
