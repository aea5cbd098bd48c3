"""The fault of a clock: a process of the hub with a wrong time."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from simulation.chaos.ground import Ground

OFF_SECONDS = 300.0


@contextmanager
def off(ground: Ground, chance: Random) -> Iterator[None]:
    """Run a process with its clock five minutes ahead or behind, beside others with a right clock."""
    member = ground.member(chance)
    member.clock_off_s = chance.choice((-OFF_SECONDS, OFF_SECONDS))
    ground.crew.restart(member)
    yield
    member.clock_off_s = 0.0
    ground.crew.restart(member)
