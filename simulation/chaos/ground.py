"""What the faults act upon."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from deploy.local.kafka import KafkaNode
from deploy.local.postgres import PostgresServer
from simulation.cast import BAILLEUR_HTTP, CENTRE_JSON, SIAO
from simulation.chaos.crew import Crew, Member
from simulation.chaos.drops import Drops
from simulation.config import Config
from simulation.stage import Stage

WITH_A_WEB_SERVER = (SIAO, CENTRE_JSON, BAILLEUR_HTTP)


@dataclass(slots=True)
class Ground:
    """Everything that can be broken, and the sign that no more of it is wanted."""

    crew: Crew
    nodes: Sequence[KafkaNode]
    postgres: PostgresServer
    stage: Stage
    drops: Drops
    over: threading.Event
    """Set when faults are to end, those under way included."""
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

    def topic(self, group: str) -> str:
        """Name of a topic of the hub."""
        return f"{self.stage.environment['SIAO_HUB_KAFKA__PREFIX']}.{group}.v1"

    @property
    def bootstrap(self) -> str:
        """Addresses of the brokers."""
        return ",".join(node.bootstrap for node in self.nodes)
