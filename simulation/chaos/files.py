"""Faults of dropped files: careless names and incomplete uploads."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from simulation.chaos.drops import STABLE_SECONDS
from simulation.chaos.ground import Ground, Missed
from simulation.drop_folder import UNFINISHED

SETTLED_SECONDS = 10.0
"""Time after which the hub has taken in a dropped file, and the partner has read its report."""
HALF_PLACES = 3
OUTLASTING_SECONDS = STABLE_SECONDS + 1.5
"""Time without growth after which the hub would take in a file with a final name."""


@contextmanager
def again(ground: Ground, chance: Random) -> Iterator[None]:
    """Drop a copy of a recent file under another name. The hub must ignore it."""
    path = _one_of(ground.drops.archived(), chance)
    ground.drops.put(f"copie-{chance.randrange(10**6):06d}-{path.name}", path.read_bytes())
    yield


@contextmanager
def half(ground: Ground, chance: Random) -> Iterator[None]:
    """Drop new places in files that arrive in two halves. The hub must never take in a half."""
    drops, number = ground.drops, f"{chance.randrange(10**6):06d}"
    soon, late = f"moitie-{number}.csv", f"longue-{number}.csv"
    contents = [drops.fresh(name, places=HALF_PLACES) for name in (soon, late)]
    first, second = (chance.randrange(len(each) // 3, len(each) - 2) for each in contents)
    drops.begin(soon, contents[0][:first])
    drops.begin(late + UNFINISHED, contents[1][:second])
    drops.abandon(f"jamais-{number}.csv{UNFINISHED}", places=HALF_PLACES)
    yield
    drops.append(soon, contents[0][first:])
    ground.wait(OUTLASTING_SECONDS)
    drops.append(late + UNFINISHED, contents[1][second:])
    drops.rename(late + UNFINISHED, late)


@contextmanager
def renewed(ground: Ground, chance: Random) -> Iterator[None]:
    """Drop a new place in a file whose name was used before. The hub must accept it."""
    found = [path for path in ground.drops.archived(SETTLED_SECONDS) if path.name.startswith("places-")]
    name = _one_of(found, chance).name
    ground.drops.put(name, ground.drops.fresh(name))
    yield


def _one_of(found: Sequence[Path], chance: Random) -> Path:
    if not found:
        raise Missed
    return chance.choice(found)
