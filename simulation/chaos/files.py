"""Faults of files: what careless partners do with names and uploads."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from simulation.chaos.ground import Ground

SETTLED_SECONDS = 10.0
"""By then a file is taken in, and its report read."""


@contextmanager
def again(ground: Ground, chance: Random) -> Iterator[None]:
    """The same content under another name, some minutes later: nothing may come of it."""
    drops = ground.drops
    if found := drops.archived(0):
        path = chance.choice(found)
        drops.put(f"copie-{chance.randrange(10**6):06d}-{path.name}", path.read_bytes())
    yield


@contextmanager
def half(ground: Ground, chance: Random) -> Iterator[None]:
    """The same, in two halves, with a pause shorter than the hub's patience: half a file is no file."""
    drops, found = ground.drops, ground.drops.archived(0, lines=3)
    if not found:
        yield
        return
    path = chance.choice(found)
    name, content = f"moitie-{chance.randrange(10**6):06d}-{path.name}", path.read_bytes()
    cut = chance.randrange(content.index(b"\n") + 2, len(content) - 2)
    drops.begin(name, content[:cut])
    yield
    drops.finish(name, content[cut:])


@contextmanager
def renewed(ground: Ground, chance: Random) -> Iterator[None]:
    """Another place in a file of a name that was used: the place must get through."""
    if found := [path for path in ground.drops.archived(SETTLED_SECONDS) if path.name.startswith("places-")]:
        ground.drops.renew(chance.choice(found).name)
    yield
