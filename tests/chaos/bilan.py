"""The report of an upgrade: a French table of its steps, what went wrong by name, and the same figures for JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from textwrap import shorten

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from simulation.chaos import report
from simulation.chaos.reckoning import Account
from simulation.screen import count, duration
from tests.chaos.etapes import Moment, Step
from tests.chaos.version_avant import Commit

SAYS = {
    Moment.BEFORE: "La version d'avant",
    Moment.DURING: "Les deux versions",
    Moment.AFTER: "La nouvelle version",
}


@dataclass(frozen=True, slots=True)
class Result:
    """An upgrade and its judgement."""

    before: Commit
    tables: tuple[str, str]
    """Versions of the database tables before and after the upgrade."""
    steps: Sequence[Step]
    found: Account
    unforeseen: Sequence[str]
    at_rest: bool

    @property
    def idle(self) -> Sequence[str]:
        """Names of steps in which nothing was accepted or nothing arrived. Such a step proves nothing."""
        return [step.says for step in self.steps if not (step.accepted and step.delivered)]

    @property
    def sound(self) -> bool:
        """Whether the journals show no fault. Partners refuse nothing in this trial, so a delivery that is refused
        or undecided is a fault too."""
        wrong = (self.found.refused, self.found.tasks, self.unforeseen, self.idle)
        return self.found.sound and self.at_rest and not any(wrong)

    def accepted(self, moment: Moment) -> int:
        """Return the number of rows accepted in this part of the upgrade."""
        return sum(step.accepted for step in self.steps if step.moment is moment)


def show(result: Result) -> Iterator[RenderableType]:
    """Yield the table, the troubles by name and the conclusion, in French."""
    yield _table(result)
    old, new = result.tables
    before = f"{result.before.ident[:10]}, « {shorten(result.before.subject, 80, placeholder='…')} »"
    yield Text(f"\n  Version d'avant : {before}")
    yield Text(f"  Tables : {old}, puis {new}")
    yield from report.troubles(result.found, result.unforeseen)
    yield from (
        Text(f"  Rien d'accepté ou rien de livré pendant : {says}", style="red") for says in result.idle
    )
    yield Text()
    yield _conclusion(result)


def figures(result: Result) -> dict[str, object]:
    """Return the figures of the upgrade as a JSON object."""
    return {
        "before": asdict(result.before),
        "tables": dict(zip(("before", "after"), result.tables, strict=True)),
        "steps": [asdict(step) for step in result.steps],
        "accepted": {moment: result.accepted(moment) for moment in Moment},
        "delivered": result.found.verdict.total.delivered,
        "idle_steps": len(result.idle),
        "at_rest": result.at_rest,
        "sound": result.sound,
        **report.counted(result.found, result.unforeseen),
    }


def _table(result: Result) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 2, 0, 0), show_edge=False, header_style="bold")
    table.add_column("  Étape")
    for name in ("Durée", "Acceptés", "Livrés"):
        table.add_column(name, justify="right")
    for moment in Moment:
        table.add_row(f"  {SAYS[moment]}", "", count(result.accepted(moment)), "", style="bold")
        for step in result.steps:
            if step.moment is moment:
                numbers = (duration(step.seconds), count(step.accepted), count(step.delivered))
                table.add_row(f"    {step.says}", *numbers)
    return table


def _conclusion(result: Result) -> Text:
    found, total = result.found, result.found.verdict.total
    before, during, after = (count(result.accepted(moment)) for moment in Moment)
    accepted = f"Acceptés : {before} avant, {during} pendant, {after} après"
    if result.sound:
        calm = "rien de perdu, doublé, inversé ni oublié, aucun processus tombé"
        return Text(f"  ✓ {accepted} : {calm}.", style="bold green")
    wrong = (
        f"{len(total.lost)} perdu(s), {len(total.duplicates)} doublé(s), {len(total.inversions)} inversé(s), "
        f"{len(found.orphans)} orpheline(s), {len(found.waiting)} en route, {len(found.own)} écart(s) de compte, "
        f"{len(result.unforeseen)} processus arrêté(s), {len(result.idle)} étape(s) vide(s)"
    )
    return Text(f"  ✗ {accepted} : {wrong}.", style="bold red")
