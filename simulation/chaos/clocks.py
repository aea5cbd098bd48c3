"""Fault of a wrong clock: one process runs five minutes ahead or behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from simulation.chaos.ground import Ground

OFF_SECONDS = 300.0


@contextmanager
def off(ground: Ground, chance: Random) -> Iterator[None]:
    """Restart one process with a wrong clock, and afterwards with the right time."""
    member = ground.member(chance)
    member.clock_off_s = chance.choice((-OFF_SECONDS, OFF_SECONDS))
    ground.crew.restart(member)
    yield
    member.clock_off_s = 0.0
    ground.crew.restart(member)
