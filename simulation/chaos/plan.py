"""The plan of faults, decided by the seed alone. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

GAP_SECONDS = (2.0, 9.0)
"""Range of the time between the beginnings of two faults."""
CALM_SECONDS = 8.0
"""Time before the first fault, so that work is under way."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault and its moment, in seconds from the start; `seed` decides its victim and its duration."""

    at_s: float
    name: str
    seed: str


def plan(often: Mapping[str, int], seconds: float, seed: int) -> list[Planned]:
    """Return rounds of all faults, each as often as it should be, shuffled anew, until the time is up."""
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
