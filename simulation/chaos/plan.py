"""Schedule of faults in a run, decided by the seed alone. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

GAP_SECONDS = (2.0, 9.0)
"""Shortest and longest time between the starts of two faults."""
CALM_SECONDS = 8.0
"""Time before the first fault, so that messages already flow."""


@dataclass(frozen=True, slots=True)
class Planned:
    """Fault and its start, in seconds from the run's. `seed` decides victim and duration."""

    at_s: float
    name: str
    seed: str


def plan(often: Mapping[str, int], seconds: float, seed: int) -> list[Planned]:
    """Return the faults of a run, in shuffled rounds, each with every fault `often` times."""
    chance = Random(f"{seed}/pannes")
    names = _rounds(often, chance)
    planned: list[Planned] = []
    at_s = CALM_SECONDS
    while often and at_s < seconds:
        planned.append(Planned(at_s, next(names), f"{seed}/{len(planned)}"))
        at_s += chance.uniform(*GAP_SECONDS)
    return planned


def _rounds(often: Mapping[str, int], chance: Random) -> Iterator[str]:
    while True:
        names = [name for name, times in often.items() for _ in range(times)]
        chance.shuffle(names)
        yield from names
