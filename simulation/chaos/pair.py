"""PostgreSQL primary and standby, behind one address that moves between them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from deploy.local import Parts
from deploy.local.key_replica import follow_next, replicate_keys
from deploy.local.postgres import PostgresServer, postgres_server
from router.settings import DatabaseSettings
from router.store.migrations import upgrade
from simulation.moving_address import MovingAddress, moving_address

STANDBY = "secours"


@dataclass(slots=True)
class Pair:
    """Primary and standby behind one address, and a replica of the encryption keys."""

    primary: PostgresServer
    standby: PostgresServer
    address: MovingAddress
    replica: PostgresServer
    followed: PostgresServer | None = None
    """Server whose keys the replica copies; None before any."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables with the address of the key replica, if one runs."""
        return {"SIAO_HUB_DATABASE__KEYS_REPLICA_URL": self.replica.url} if self.replica.pid else {}

    def follow(self, *, synchronous: bool) -> None:
        """Make the standby replicate the primary, before each commit if `synchronous`."""
        if self.standby.pid is None:
            self.standby.follow(self.primary, STANDBY)
        self.primary.set("synchronous_standby_names", STANDBY if synchronous else "")

    def keep_keys(self, schema: str) -> None:
        """Make the primary commit encryption keys only once the replica has them."""
        if self.followed is None:
            there = DatabaseSettings(url=self.replica.url, schema_name=schema)
            upgrade(there)
            replicate_keys(self.primary, self.replica, there.keys_schema)
        elif self.followed is not self.primary:
            follow_next(self.primary, self.replica)
        self.followed = self.primary

    def take_over(self) -> None:
        """Promote the standby, move the address to it, and delete the former primary's data."""
        self.standby.set("synchronous_standby_names", "")
        self.standby.promote()
        self.address.move(self.standby.port)
        self.primary, self.standby = self.standby, self.primary
        self.standby.lose()


@contextmanager
def paired(parts: Parts, *, key_replica: bool) -> Iterator[tuple[Parts, Pair]]:
    """Yield parts in which PostgreSQL has a movable address, and the pair. `key_replica`: with a replica of
    the keys."""
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
