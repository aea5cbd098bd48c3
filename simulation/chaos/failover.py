"""PostgreSQL dies, and its standby takes over behind an address that moves, as a cluster manager does it. Nobody tells
the hub, and nobody helps it."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from random import Random

from deploy.local import Parts
from deploy.local.postgres import PostgresServer, postgres_server
from ops.recovery.standby import KEPT_SECONDS
from simulation.chaos.ground import Ground, Missed
from simulation.chaos.kills import POSTGRES
from simulation.chaos.permitted import Restoration
from simulation.chaos.restoring import messages_on
from simulation.moving_address import MovingAddress, moving_address

STANDBY = "secours"
MOMENT_SECONDS = (0.0, 3.0)
BEHIND_NANOSECONDS = 1_000_000_000
"""A standby that streams is no further behind: what was accepted before is in it."""
NOTED_SECONDS = KEPT_SECONDS + 2
"""After so long the hub knows whether the standby has everything."""


@dataclass(slots=True)
class Pair:
    """A primary and its standby behind one address."""

    primary: PostgresServer
    standby: PostgresServer
    address: MovingAddress

    def follow(self, *, synchronous: bool) -> None:
        """Make the standby stream; `synchronous`: nothing is committed before it has it."""
        if self.standby.pid is None:
            self.standby.follow(self.primary, STANDBY)
        self.primary.set("synchronous_standby_names", STANDBY if synchronous else "")

    def take_over(self) -> None:
        """Promote the standby, which waits for nobody behind itself, and give it the address."""
        self.standby.set("synchronous_standby_names", "")
        self.standby.promote()
        self.address.move(self.standby.port)
        self.primary, self.standby = self.standby, self.primary
        self.standby.lose()


@contextmanager
def paired(parts: Parts) -> Iterator[tuple[Parts, Pair]]:
    """Put PostgreSQL behind an address that can move, and keep room for its standby."""
    assert parts.postgres is not None
    with postgres_server() as standby, moving_address(parts.postgres.port) as address:
        url = parts.database_url.replace(f":{parts.postgres.port}/", f":{address.port}/")
        yield replace(parts, database_url=url), Pair(parts.postgres, standby, address)


def failover(*, synchronous: bool) -> Callable[[Ground, Random], AbstractContextManager[None]]:
    """Return a fault that kills the primary; a standby that is not `synchronous` may lack its last moments."""

    @contextmanager
    def fails_over(ground: Ground, chance: Random) -> Iterator[None]:
        pair = ground.pair
        assert pair is not None
        pair.follow(synchronous=synchronous)
        ground.wait(NOTED_SECONDS)
        if ground.over.is_set():
            raise Missed
        ground.wait(chance.uniform(*MOMENT_SECONDS))
        lost_at = time.time_ns()
        ground.kills.hit(POSTGRES, [pair.primary])
        pair.take_over()
        back_at = time.time_ns()
        ground.postgres = pair.primary
        if not synchronous:
            on_bus = asyncio.run(messages_on(ground))
            ground.restorations.append(Restoration(lost_at - BEHIND_NANOSECONDS, lost_at, back_at, on_bus))
        yield

    return fails_over
