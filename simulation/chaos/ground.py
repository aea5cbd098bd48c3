"""What the faults act upon."""

import threading
from collections import Counter
from collections.abc import Sequence
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
from simulation.chaos.permitted import Backup, Restoration
from simulation.config import Config
from simulation.stage import Stage

WITH_A_WEBHOOK = (SIAO, CENTRE_JSON, BAILLEUR_HTTP)
WITH_A_WEB_SERVER = (*WITH_A_WEBHOOK, SIAO_REST)
WITH_A_FOLDER = (CENTRE_CSV, BAILLEUR_SFTP, RESIDENCE, OBSERVATION)
WITH_ANSWERS = tuple(part for part in ANSWERING if part.porte is not Porte.KAFKA)
"""Those whose manners a file tells: records of a topic are never sent badly."""


class Missed(Exception):
    """A fault found nothing to break: it did not happen."""


@dataclass(slots=True)
class Ground:
    """Everything that can be broken, and the sign that no more of it is wanted."""

    crew: Crew
    kafka: KafkaCluster
    postgres: PostgresServer
    stage: Stage
    drops: Drops
    over: threading.Event
    """Set when faults are to end, those under way included."""
    hub: HubRecords
    """The hub's own tables, to be asked what it believes."""
    ledger: Ledger = field(default_factory=Ledger)
    """What does not belong on the bus and was written there."""
    backup: Backup | None = None
    """Of PostgreSQL, taken before anything was broken, where it may have to be restored."""
    restorations: list[Restoration] = field(default_factory=list)
    """Times that PostgreSQL went back to an earlier moment."""
    did: Counter[str] = field(default_factory=Counter)
    """What a fault did more than once in its time, for the report."""

    def wait(self, seconds: float) -> None:
        """Let time pass, or see that the run is over."""
        self.over.wait(seconds)

    def member(self, chance: Random, role: str | None = None) -> Member:
        """One process of the hub."""
        return chance.choice([m for m in self.crew.members if role in (None, m.role)])

    def with_a_server(self, chance: Random) -> Config:
        """A partner to which the hub delivers by HTTP."""
        return self.stage.configs[chance.choice(WITH_A_WEB_SERVER).id]

    def with_a_webhook(self, chance: Random) -> Config:
        """One of those whose entry tells by which field it says no inside a 200."""
        return self.stage.configs[chance.choice(WITH_A_WEBHOOK).id]

    def with_a_folder(self, chance: Random) -> Config:
        """A partner whose file server the hub delivers to."""
        return self.stage.configs[chance.choice(WITH_A_FOLDER).id]

    def with_sets(self, _: Random) -> Config:
        """The partner that gets sets of files."""
        return self.stage.configs[OBSERVATION.id]

    def with_a_soap_service(self, _: Random) -> Config:
        """The partner that the hub calls by SOAP."""
        return self.stage.configs[BAILLEUR_SOAP.id]

    @property
    def with_topics(self) -> Config:
        """The partner whose Kafka the hub reads and writes."""
        return self.stage.configs[AVDL.id]

    def with_a_mailbox(self, _: Random) -> Config:
        """The partner that empties a mailbox at the hub."""
        return self.stage.configs[CENTRE_BOITE.id]

    def with_answers(self, chance: Random) -> Config:
        """A partner that answers: by HTTP, from a mailbox, or in files."""
        return self.stage.configs[chance.choice(WITH_ANSWERS).id]

    @property
    def kills(self) -> Kills:
        """The count of them."""
        return self.crew.kills

    def topic(self, group: str) -> str:
        """Name of a topic of the hub."""
        return TOPICS[group].name(self.bus.prefix)

    @property
    def bus(self) -> KafkaSettings:
        """The bus as the hub is told of it."""
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
        """Their addresses."""
        return self.kafka.bootstrap
