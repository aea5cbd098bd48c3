"""Everything that faults can break in a run: processes, brokers, database, partners."""

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
"""Partners whose sending a fault can disturb: those without Kafka topics."""


class Missed(Exception):
    """Raised by a fault that found nothing to break. It is not counted."""


@dataclass(frozen=True, slots=True)
class Merger:
    """Merger of two SIAO; moments in nanoseconds since the epoch."""

    begun: int
    ended: int


@dataclass(slots=True)
class Ground:
    """What faults can break in a run, and the signal to stop."""

    crew: Crew
    kafka: KafkaCluster
    postgres: PostgresServer
    stage: Stage
    drops: Drops
    over: threading.Event
    """Set when all faults must end."""
    hub: HubRecords
    ledger: Ledger = field(default_factory=Ledger)
    """Forged or misplaced records that faults have written to Kafka."""
    backup: Backup | None = None
    """Backup of PostgreSQL from before the first fault, if a fault restores it."""
    restorations: list[Restoration] = field(default_factory=list)
    """Restorations of PostgreSQL to an earlier moment, so far."""
    pair: Pair | None = None
    """PostgreSQL and its standby, if a fault needs one."""
    machines: Machines | None = None
    """Machines of the hub's processes, if a fault cuts one off."""
    merger: Merger | None = None
    proposals_under_way: Callable[[], bool] = lambda: False
    """Return whether a SIAO has still to answer another's offer of a demand."""
    did: Counter[str] = field(default_factory=Counter)
    """How often faults did each of their repeated actions, for the report."""

    def wait(self, seconds: float) -> None:
        """Wait some seconds, at most until the run ends."""
        self.over.wait(seconds)

    def member(self, chance: Random, role: str | None = None) -> Member:
        """Return one process of the hub at random, of this role if any."""
        return chance.choice([m for m in self.crew.members if role in (None, m.role)])

    def with_a_server(self, chance: Random) -> Config:
        """Return, at random, a partner to which the hub delivers by HTTP."""
        return self.stage.configs[chance.choice(WITH_A_WEB_SERVER).id]

    def with_a_webhook(self, chance: Random) -> Config:
        """Return, at random, a partner that signals its refusals in the body of a 200."""
        return self.stage.configs[chance.choice(WITH_A_WEBHOOK).id]

    def with_a_folder(self, chance: Random) -> Config:
        return self.stage.configs[chance.choice(WITH_A_FOLDER).id]

    def with_sets(self, _: Random) -> Config:
        """Return the partner that gets sets."""
        return self.stage.configs[OBSERVATION.id]

    def with_a_soap_service(self, _: Random) -> Config:
        return self.stage.configs[BAILLEUR_SOAP.id]

    @property
    def with_topics(self) -> Config:
        """Partner with Kafka topics that the hub reads and writes."""
        return self.stage.configs[AVDL.id]

    def with_a_mailbox(self, _: Random) -> Config:
        return self.stage.configs[CENTRE_BOITE.id]

    def with_answers(self, chance: Random) -> Config:
        """Return, at random, a partner that answers by HTTP, from a mailbox, or in files."""
        return self.stage.configs[chance.choice(WITH_ANSWERS).id]

    @property
    def kills(self) -> Kills:
        """Counts of the processes killed so far."""
        return self.crew.kills

    def topic(self, group: str) -> str:
        """Return the full name of one of the hub's Kafka topics."""
        return TOPICS[group].name(self.bus.prefix)

    @property
    def bus(self) -> KafkaSettings:
        environment = self.stage.environment
        return KafkaSettings(
            bootstrap=self.bootstrap,
            prefix=environment["SIAO_HUB_KAFKA__PREFIX"],
            min_insync_replicas=int(environment["SIAO_HUB_KAFKA__MIN_INSYNC_REPLICAS"]),
        )

    @property
    def nodes(self) -> Sequence[KafkaNode]:
        return self.kafka.nodes

    @property
    def bootstrap(self) -> str:
        return self.kafka.bootstrap
