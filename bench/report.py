"""Lays out the figures of the stages as a table for the terminal and bench/results/."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from bench.measure import HUB, KAFKA, LOAD, POSTGRES, Figures, Measure, Range
from bench.paper import Paper, mark, number
from bench.targets import TARGETS

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


def paper(figures: Figures, machine: Mapping[str, str]) -> Paper:
    """Return the table of results, with one row for each stage."""
    rows = [_row(stage, values) for stage, values in figures.items()]
    return Paper(
        "Mesures", HEADERS, rows, (*_further(figures), *NOTES), machine, words=frozenset({"Objectif"})
    )


def content(figures: Figures, rounds: Sequence[Sequence[Measure]]) -> Mapping[str, object]:
    """Return the figures as a JSON object: medians and ranges by stage, then each round."""
    runs = [{measure.stage: measure.figures for measure in measures} for measures in rounds]
    return {"etapes": _plain(figures), "tours": runs}


def _row(stage: str, values: Mapping[str, Range]) -> list[str]:
    costs = [_whole(values.get(f"{group}_us")) for group in (HUB, POSTGRES, KAFKA, LOAD)]
    target = TARGETS.get(stage)
    return [
        stage,
        spread(values["par_s"]),
        *costs,
        number(values["rapport"].median, 1),
        f"{mark(target.is_met(values[target.figure].median))} {target.text}" if target else "",
    ]


FURTHER = {
    "demarrage_s": "prêt en {} s",
    "demarrage_cpu_s": "après {} s de calcul",
    "repos_pct": "{} % d'un cœur au repos",
    "sql_par_message": "{} instructions SQL pour un message seul",
    "sql_par_min_au_repos": "{} par minute au repos",
}
"""French sentence for each figure that the report shows below its table instead of in a column, by name."""


def _further(figures: Figures) -> list[str]:
    lines = []
    for stage, values in figures.items():
        if found := [
            said.format(spread(values[name], 1)) for name, said in FURTHER.items() if name in values
        ]:
            lines.append(f"{stage} : {', '.join(found)}")
        if "p99_ms" in values:
            waits = ", ".join(
                f"{name[:-3]} {spread(values[name])} ms" for name in ("p50_ms", "p99_ms", "max_ms")
            )
            lines.append(f"{stage} : {waits}")
        elif "acceptes_par_s" in values:
            lines.append(f"{stage} : {spread(values['acceptes_par_s'])} acceptés/s pendant l'envoi")
    return lines


def _plain(figures: Figures) -> dict[str, object]:
    return {
        stage: {name: asdict(value) for name, value in values.items()} for stage, values in figures.items()
    }


def _whole(value: Range | None) -> str:
    return "—" if value is None else number(value.median)


def spread(value: Range, decimals: int = 0) -> str:
    """Return the median in French, followed by the range unless all values are equal."""
    middle, lowest, highest = (number(v, decimals) for v in (value.median, value.lowest, value.highest))
    return middle if lowest == highest else f"{middle} [{lowest} – {highest}]"
