"""Fault of a network partition: one machine can reach no other."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random

from simulation.chaos.ground import Ground


def cut_off(number: int) -> Callable[[Ground, Random], AbstractContextManager[None]]:
    """Return the fault that cuts off this machine from all others."""

    @contextmanager
    def alone(ground: Ground, _: Random) -> Iterator[None]:
        assert ground.machines is not None
        with ground.machines.cut_off(number):
            yield

    return alone
