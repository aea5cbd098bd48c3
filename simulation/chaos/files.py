"""Faults of files: what careless partners do with names and uploads."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from simulation.chaos.drops import STABLE_SECONDS
from simulation.chaos.ground import Ground, Missed
from simulation.drop_folder import UNFINISHED

SETTLED_SECONDS = 10.0
"""By then a file is taken in, and its report read."""
HALF_PLACES = 3
OUTLASTING_SECONDS = STABLE_SECONDS + 1.5
"""By then a file that does not grow is complete for the hub, were it not for its name."""


@contextmanager
def again(ground: Ground, chance: Random) -> Iterator[None]:
    """The same content under another name, some minutes later: nothing may come of it."""
    path = _one_of(ground.drops.archived(), chance)
    ground.drops.put(f"copie-{chance.randrange(10**6):06d}-{path.name}", path.read_bytes())
    yield


@contextmanager
def half(ground: Ground, chance: Random) -> Iterator[None]:
    """New places in two halves, for half a file is no file: under the final name with a pause shorter than the hub's
    patience, under another with a longer one; and a file of which the second half never comes."""
    drops, number = ground.drops, f"{chance.randrange(10**6):06d}"
    soon, late = f"moitie-{number}.csv", f"longue-{number}.csv"
    contents = [drops.fresh(name, places=HALF_PLACES) for name in (soon, late)]
    first, second = (chance.randrange(len(each) // 3, len(each) - 2) for each in contents)
    drops.begin(soon, contents[0][:first])
    drops.begin(late + UNFINISHED, contents[1][:second])
    drops.abandon(f"jamais-{number}.csv{UNFINISHED}", places=HALF_PLACES)
    yield
    drops.finish(soon, contents[0][first:])
    ground.wait(OUTLASTING_SECONDS)
    drops.finish(late + UNFINISHED, contents[1][second:])
    drops.rename(late + UNFINISHED, late)


@contextmanager
def renewed(ground: Ground, chance: Random) -> Iterator[None]:
    """Another place in a file of a name that was used: the place must get through."""
    found = [path for path in ground.drops.archived(SETTLED_SECONDS) if path.name.startswith("places-")]
    name = _one_of(found, chance).name
    ground.drops.put(name, ground.drops.fresh(name))
    yield


def _one_of(found: Sequence[Path], chance: Random) -> Path:
    """Raises Missed where the hub has taken in nothing of late."""
    if not found:
        raise Missed
    return chance.choice(found)
