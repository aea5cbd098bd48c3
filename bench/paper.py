"""A table of results, printed in the terminal and written to bench/results/ as Markdown and JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Paper:
    """A table of results with its notes. The first column names the rows; `words` are the other columns without
    figures."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]
    machine: Mapping[str, str]
    words: frozenset[str] = frozenset()

    def show(self, console: Console) -> None:
        """Print the table, the notes and the machine."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for name in self.headers:
            figures = name != self.headers[0] and name not in self.words
            table.add_column(name, justify="right" if figures else "left", no_wrap=True)
        for row in self.rows:
            table.add_row(*map(_coloured, row))
        console.print(table)
        for line in (*self.notes, *(f"{name} : {value}" for name, value in self.machine.items())):
            console.print(line, style="dim", highlight=False, markup=False, soft_wrap=True)

    def write(self, name: str, content: Mapping[str, object]) -> Path:
        """Write `date-name.md` to bench/results/, and `content` as `date-name.json`. Return the path of the former."""
        now = datetime.now().astimezone()
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{now:%Y-%m-%d}-{name}.md"
        whole = {"date": now.isoformat(timespec="seconds"), "machine": self.machine, **content}
        path.with_suffix(".json").write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")
        path.write_text(self._markdown(now), encoding="utf-8")
        return path

    def _markdown(self, now: datetime) -> str:
        rows = [self.headers, ["---"] * len(self.headers), *self.rows]
        table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
        notes = "\n".join(f"* {line}" for line in self.notes)
        about = "\n".join(f"* {name} : {value}" for name, value in self.machine.items())
        return f"# {self.title} du {now:%d/%m/%Y}\n\n{table}\n\n{notes}\n\n## Machine\n\n{about}\n"


Figure = tuple[str, float, float | None, int]
"""A figure of a table: name, value, upper bound if any, number of decimals."""


def against_bounds(title: str, figures: Sequence[Figure], note: str, machine: Mapping[str, str]) -> Paper:
    """Return a table of figures, each with its bound and whether it is within it."""
    return Paper(
        title=title,
        headers=("Mesure", "", "au plus", "tenu"),
        rows=[
            (
                name,
                number(value, places),
                *(("", "") if most is None else (number(most), mark(value <= most))),
            )
            for name, value, most, places in figures
        ],
        notes=(note,),
        machine=machine,
        words=frozenset({"tenu"}),
    )


def all_within(figures: Sequence[Figure]) -> bool:
    """Return whether every figure is within its bound. Figures without a bound are."""
    return all(most is None or value <= most for _, value, most, _ in figures)


def number(value: float, decimals: int = 0) -> str:
    """Return a number as French readers write it, with spaces and a decimal comma."""
    return f"{value:,.{decimals}f}".replace(",", " ").replace(".", ",")


def mark(met: bool) -> str:
    """Return ✓ if a bound was kept, else ✗."""
    return "✓" if met else "✗"


def _coloured(cell: str) -> str:
    return escape(cell).replace("✓", "[green]✓[/]").replace("✗", "[red]✗[/]")
