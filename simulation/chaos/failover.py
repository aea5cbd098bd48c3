"""Fault of a PostgreSQL primary that dies: its standby takes over behind a moving address. The hub gets
neither notice nor help."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from random import Random

from ops.recovery.standby import KEPT_SECONDS
from simulation.chaos.ground import Ground, Missed
from simulation.chaos.kills import POSTGRES
from simulation.chaos.permitted import Restoration
from simulation.chaos.restoring import messages_on

MOMENT_SECONDS = (0.0, 3.0)
BEHIND_NANOSECONDS = 1_000_000_000
"""Longest replication delay assumed: the standby has every row accepted longer ago."""
BEHIND_SECONDS = (1.0, 3.0)
"""Shortest and longest time in which the standby receives nothing before it takes over."""
NOTED_SECONDS = KEPT_SECONDS + 2
"""Time after which the hub has recorded whether the standby is up to date."""


def failover(
    *, synchronous: bool = False, behind: bool = False
) -> Callable[[Ground, Random], AbstractContextManager[None]]:
    """Return a fault that kills the primary and lets the standby take over.

    Unless `synchronous`, the standby may lack the last moments. With `behind` it lacks the last seconds; a
    replica has the keys of that time.
    """

    @contextmanager
    def fails_over(ground: Ground, chance: Random) -> Iterator[None]:
        pair = ground.pair
        assert pair is not None
        pair.follow(synchronous=synchronous)
        if behind:
            pair.keep_keys(ground.stage.environment["SIAO_HUB_DATABASE__SCHEMA_NAME"])
        ground.wait(NOTED_SECONDS)
        if ground.over.is_set():
            raise Missed
        ground.wait(chance.uniform(*MOMENT_SECONDS))
        copied_at = time.time_ns() - BEHIND_NANOSECONDS
        if behind:
            pair.standby.fall_behind()
            ground.wait(chance.uniform(*BEHIND_SECONDS))
        lost_at = time.time_ns()
        ground.kills.hit(POSTGRES, [pair.primary])
        pair.take_over()
        back_at = time.time_ns()
        ground.postgres = pair.primary
        if not synchronous:
            on_bus = asyncio.run(messages_on(ground))
            ground.restorations.append(Restoration(copied_at, lost_at, back_at, on_bus))
        yield

    return fails_over
