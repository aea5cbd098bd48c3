"""Faults of files: what careless partners do with names and uploads."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from simulation.chaos.ground import Ground

SETTLED_SECONDS = 10.0
"""By then a file is taken in, and its report read."""
HALF_PLACES = 3


@contextmanager
def again(ground: Ground, chance: Random) -> Iterator[None]:
    """The same content under another name, some minutes later: nothing may come of it."""
    drops = ground.drops
    if found := drops.archived():
        path = chance.choice(found)
        drops.put(f"copie-{chance.randrange(10**6):06d}-{path.name}", path.read_bytes())
    yield


@contextmanager
def half(ground: Ground, chance: Random) -> Iterator[None]:
    """New places in two halves, with a pause shorter than the hub's patience: half a file is no file."""
    name = f"moitie-{chance.randrange(10**6):06d}.csv"
    content = ground.drops.fresh(name, places=HALF_PLACES)
    cut = chance.randrange(len(content) // 3, len(content) - 2)
    ground.drops.begin(name, content[:cut])
    yield
    ground.drops.finish(name, content[cut:])


@contextmanager
def renewed(ground: Ground, chance: Random) -> Iterator[None]:
    """Another place in a file of a name that was used: the place must get through."""
    if found := [path for path in ground.drops.archived(SETTLED_SECONDS) if path.name.startswith("places-")]:
        name = chance.choice(found).name
        ground.drops.put(name, ground.drops.fresh(name))
    yield
