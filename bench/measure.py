"""The figures of one stage of a benchmark, and medians over several rounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.cpu import Spent

HUB, POSTGRES, KAFKA, LOAD = "hub", "postgresql", "kafka", "charge"


@dataclass(frozen=True, slots=True)
class Measure:
    """The figures of one run of one stage."""

    stage: str
    messages: int
    seconds: float
    cpu_s: Spent
    """CPU seconds by group of processes. The tutorial's own process counts as `hub`."""
    more: Mapping[str, float] = field(default_factory=dict)
    """Further figures, by name with unit, such as `p50_ms`, `p99_ms`, `acceptes_par_s`."""

    @property
    def figures(self) -> Mapping[str, float]:
        """All figures of the run: messages per second, CPU microseconds per message and group, further figures."""
        costs = {f"{group}_us": 1e6 * spent / self.messages for group, spent in self.cpu_s.items()}
        return {"par_s": self.messages / self.seconds, **costs, **self.more}


@dataclass(frozen=True, slots=True)
class Range:
    """Median, lowest and highest value of one figure over the rounds."""

    median: float
    lowest: float
    highest: float


Figures = Mapping[str, Mapping[str, Range]]
"""Ranges by stage, in order, then by name of the figure. `rapport` is the stage's rate divided by the tutorial's in
the same round."""


def over_rounds(rounds: Sequence[Sequence[Measure]]) -> Figures:
    """Return median and range of every figure over the rounds. The first measure of each round must be the
    tutorial's."""
    runs: dict[str, list[Mapping[str, float]]] = {}
    for measures in rounds:
        reference = measures[0].figures["par_s"]
        for measure in measures:
            figures = {**measure.figures, "rapport": measure.figures["par_s"] / reference}
            runs.setdefault(measure.stage, []).append(figures)
    return {stage: {name: over([f[name] for f in each]) for name in each[0]} for stage, each in runs.items()}


def over(values: Sequence[float]) -> Range:
    """Return median and range of the values of one figure."""
    return Range(median(values), min(values), max(values))
