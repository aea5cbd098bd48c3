"""One machine of the hub is cut off: the network between it and all others is gone."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random

from simulation.chaos.ground import Ground


def cut_off(number: int) -> Callable[[Ground, Random], AbstractContextManager[None]]:
    """Return the fault of a machine that nobody reaches and that reaches nobody."""

    @contextmanager
    def alone(ground: Ground, _: Random) -> Iterator[None]:
        assert ground.machines is not None
        with ground.machines.cut_off(number):
            yield

    return alone
