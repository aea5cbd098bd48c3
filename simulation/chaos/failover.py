"""PostgreSQL dies, and its standby takes over behind an address that moves, as a cluster manager does it. Nobody tells
the hub, and nobody helps it."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from random import Random

from deploy.local import Parts
from deploy.local.key_replica import follow_next, replicate_keys
from deploy.local.postgres import PostgresServer, postgres_server
from ops.recovery.standby import KEPT_SECONDS
from router.settings import DatabaseSettings
from router.store.migrations import upgrade
from simulation.chaos.ground import Ground, Missed
from simulation.chaos.kills import POSTGRES
from simulation.chaos.permitted import Restoration
from simulation.chaos.restoring import messages_on
from simulation.moving_address import MovingAddress, moving_address

STANDBY = "secours"
MOMENT_SECONDS = (0.0, 3.0)
BEHIND_NANOSECONDS = 1_000_000_000
"""A standby that streams is no further behind: what was accepted before is in it."""
BEHIND_SECONDS = (1.0, 3.0)
"""How long a standby lacks everything before it takes over, where it is made to."""
NOTED_SECONDS = KEPT_SECONDS + 2
"""After so long the hub knows whether the standby has everything."""


@dataclass(slots=True)
class Pair:
    """A primary and its standby behind one address, and the replica of its keys."""

    primary: PostgresServer
    standby: PostgresServer
    address: MovingAddress
    replica: PostgresServer
    followed: PostgresServer | None = None
    """The server whose keys the replica has; None before the first."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables by which a hub knows the key replica, if there is one."""
        return {"SIAO_HUB_DATABASE__KEYS_REPLICA_URL": self.replica.url} if self.replica.pid else {}

    def follow(self, *, synchronous: bool) -> None:
        """Make the standby stream; `synchronous`: nothing is committed before it has it."""
        if self.standby.pid is None:
            self.standby.follow(self.primary, STANDBY)
        self.primary.set("synchronous_standby_names", STANDBY if synchronous else "")

    def keep_keys(self, schema: str) -> None:
        """Let nothing be committed before the replica has its keys."""
        if self.followed is None:
            there = DatabaseSettings(url=self.replica.url, schema_name=schema)
            upgrade(there)
            replicate_keys(self.primary, self.replica, there.keys_schema)
        elif self.followed is not self.primary:
            follow_next(self.primary, self.replica)
        self.followed = self.primary

    def take_over(self) -> None:
        """Promote the standby, which waits for nobody behind itself, and give it the address."""
        self.standby.set("synchronous_standby_names", "")
        self.standby.promote()
        self.address.move(self.standby.port)
        self.primary, self.standby = self.standby, self.primary
        self.standby.lose()


@contextmanager
def paired(parts: Parts, *, key_replica: bool) -> Iterator[tuple[Parts, Pair]]:
    """Put PostgreSQL behind an address that can move, and keep room for its standby; `key_replica` starts one."""
    assert parts.postgres is not None
    with (
        postgres_server() as standby,
        postgres_server() as replica,
        moving_address(parts.postgres.port) as address,
    ):
        if key_replica:
            replica.start()
        url = parts.database_url.replace(f":{parts.postgres.port}/", f":{address.port}/")
        yield replace(parts, database_url=url), Pair(parts.postgres, standby, address, replica)


def failover(
    *, synchronous: bool = False, behind: bool = False
) -> Callable[[Ground, Random], AbstractContextManager[None]]:
    """Return a fault that kills the primary. A standby that is not `synchronous` may lack its last moments; one that is
    `behind` lacks its last seconds, and a replica has their keys."""

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
