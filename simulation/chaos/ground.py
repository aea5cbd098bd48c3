"""The parts on which the faults act."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from contracts.topics import TOPICS
from deploy.local.kafka import KafkaCluster, KafkaNode
from deploy.local.postgres import PostgresServer
from router.settings import KafkaSettings
from simulation.cast import (
    ANSWERING,
    AVDL,
    BAILLEUR_HTTP,
    BAILLEUR_SFTP,
    BAILLEUR_SOAP,
    CENTRE_BOITE,
    CENTRE_CSV,
    CENTRE_JSON,
    OBSERVATION,
    RESIDENCE,
    SIAO,
    SIAO_REST,
    Porte,
)
from simulation.chaos.crew import Crew, Member
from simulation.chaos.drops import Drops
from simulation.chaos.hub_records import HubRecords
from simulation.chaos.kills import Kills
from simulation.chaos.ledger import Ledger
from simulation.chaos.machines import Machines
from simulation.chaos.pair import Pair
from simulation.chaos.permitted import Backup, Restoration
from simulation.config import Config
from simulation.stage import Stage

WITH_A_WEBHOOK = (SIAO, CENTRE_JSON, BAILLEUR_HTTP)
WITH_A_WEB_SERVER = (*WITH_A_WEBHOOK, SIAO_REST)
WITH_A_FOLDER = (CENTRE_CSV, BAILLEUR_SFTP, RESIDENCE, OBSERVATION)
WITH_ANSWERS = tuple(part for part in ANSWERING if part.porte is not Porte.KAFKA)
"""Partners whose manner a file sets: records of a topic are never sent badly."""


class Missed(Exception):
    """A fault found nothing to break: it did not happen."""


@dataclass(frozen=True, slots=True)
class Merger:
    """The time in which two SIAO were merged, in nanoseconds since the epoch."""

    begun: int
    ended: int


@dataclass(slots=True)
class Ground:
    """Everything that can be broken, and the signal to stop."""

    crew: Crew
    kafka: KafkaCluster
    postgres: PostgresServer
    stage: Stage
    drops: Drops
    over: threading.Event
    """Set when faults are to end, including those under way."""
    hub: HubRecords
    """The hub's own tables, for questions about its beliefs."""
    ledger: Ledger = field(default_factory=Ledger)
    """Records written to the bus that do not belong there."""
    backup: Backup | None = None
    """Backup of PostgreSQL, taken before anything was broken, if it may have to be restored."""
    restorations: list[Restoration] = field(default_factory=list)
    """Restorations of PostgreSQL to an earlier moment."""
    pair: Pair | None = None
    """PostgreSQL and its standby, for faults that need one."""
    machines: Machines | None = None
    """Machines of the hub's processes, for faults that cut one off."""
    merger: Merger | None = None
    """The merger of the SIAO, once it is made."""
    proposals_under_way: Callable[[], bool] = lambda: False
    """A callback that tells whether a SIAO has to answer another one's proposal of a demand."""
    did: Counter[str] = field(default_factory=Counter)
    """Counts of repeated acts of faults, for the report."""

    def wait(self, seconds: float) -> None:
        """Let time pass, or return early if the run is over."""
        self.over.wait(seconds)

    def member(self, chance: Random, role: str | None = None) -> Member:
        """Return one process of the hub."""
        return chance.choice([m for m in self.crew.members if role in (None, m.role)])

    def with_a_server(self, chance: Random) -> Config:
        """Return a partner to which the hub delivers by HTTP."""
        return self.stage.configs[chance.choice(WITH_A_WEB_SERVER).id]

    def with_a_webhook(self, chance: Random) -> Config:
        """Return a partner whose entry declares its refusals inside a 200."""
        return self.stage.configs[chance.choice(WITH_A_WEBHOOK).id]

    def with_a_folder(self, chance: Random) -> Config:
        """Return a partner with a file server."""
        return self.stage.configs[chance.choice(WITH_A_FOLDER).id]

    def with_sets(self, _: Random) -> Config:
        """Return the partner that gets sets of files."""
        return self.stage.configs[OBSERVATION.id]

    def with_a_soap_service(self, _: Random) -> Config:
        """Return the partner that the hub calls by SOAP."""
        return self.stage.configs[BAILLEUR_SOAP.id]

    @property
    def with_topics(self) -> Config:
        """The partner whose Kafka the hub reads and writes."""
        return self.stage.configs[AVDL.id]

    def with_a_mailbox(self, _: Random) -> Config:
        """Return the partner that empties a mailbox at the hub."""
        return self.stage.configs[CENTRE_BOITE.id]

    def with_answers(self, chance: Random) -> Config:
        """Return a partner that answers: by HTTP, from a mailbox, or in files."""
        return self.stage.configs[chance.choice(WITH_ANSWERS).id]

    @property
    def kills(self) -> Kills:
        """The count of kills."""
        return self.crew.kills

    def topic(self, group: str) -> str:
        """Return the name of a topic of the hub."""
        return TOPICS[group].name(self.bus.prefix)

    @property
    def bus(self) -> KafkaSettings:
        """The hub's settings of the bus."""
        environment = self.stage.environment
        return KafkaSettings(
            bootstrap=self.bootstrap,
            prefix=environment["SIAO_HUB_KAFKA__PREFIX"],
            min_insync_replicas=int(environment["SIAO_HUB_KAFKA__MIN_INSYNC_REPLICAS"]),
        )

    @property
    def nodes(self) -> Sequence[KafkaNode]:
        """The brokers."""
        return self.kafka.nodes

    @property
    def bootstrap(self) -> str:
        """The addresses of the brokers."""
        return self.kafka.bootstrap
