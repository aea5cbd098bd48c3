"""What lies around the SQL steps: a bus of lists that may be read again, and partners that keep a journal."""

import asyncio
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import from_headers
from contracts.errors import OutcomeUnknown, PartnerUnavailable
from contracts.ports import Native, Receipt
from router.applying import Record
from tests.integration.interleaving_gates import RUNNING, Kind, Process

BUS, PARTNERS = "bus", "partenaires"
"""What wakes up workers, and senders who wait for what they are told."""
PARTITIONS = 6
FAILURE_SHARE = 0.05


@dataclass
class Partition:
    """Records in order, and where the group is to begin."""

    records: list[Record] = field(default_factory=list)
    committed: int = 0


class Bus:
    """Topics and partitions as the broker has them; what a producer is told is kept is kept."""

    def __init__(self) -> None:
        self.partitions: dict[str, Partition] = {}

    def unread(self, chance: Random) -> Partition | None:
        """One with records that the group has not read, if there is any."""
        unread = [p for _, p in sorted(self.partitions.items()) if p.committed < len(p.records)]
        return chance.choice(unread) if unread else None

    async def send(self, topic: str, value: bytes, *, key: bytes, headers: Any) -> "asyncio.Future[None]":
        """As the producer's; its future is done."""
        process = here()
        await process.stop("publie", Kind.OUTSIDE)
        name = f"{topic}/{UUID(key.decode()).int % PARTITIONS}"
        self.partitions.setdefault(name, Partition()).records.append(Record(from_headers(headers), value))
        process.ground.call(BUS)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


class Effect(NamedTuple):
    """A delivery that a partner acted on."""

    key: UUID
    body: dict[str, Any]


class Journal:
    """A partner: what it acted on, in order. Who deduplicates acts on a key once."""

    def __init__(self, deduplicates: bool) -> None:
        self.effects: list[Effect] = []
        self.deduplicates = deduplicates

    async def send(self, native: Native, key: str) -> Receipt:
        """As a sink's; now and then it fails, and then it may have acted or not."""
        process = here()
        await process.stop("envoie", Kind.OUTSIDE)
        if process.chance.random() < FAILURE_SHARE:
            raise PartnerUnavailable("indisponible")
        known = self.deduplicates and any(effect.key == UUID(key) for effect in self.effects)
        if not known:
            self.effects.append(Effect(UUID(key), json.loads(native.body)))
        process.ground.call(PARTNERS)
        await process.stop("attend la réponse", Kind.OUTSIDE)
        if process.chance.random() < FAILURE_SHARE:
            raise OutcomeUnknown("la réponse s'est perdue")
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """Nobody asks: this partner is of another class."""
        raise NotImplementedError

    async def close(self) -> None:
        """Nothing to close."""


def here() -> Process:
    """The process that runs."""
    process = RUNNING.get()
    assert process is not None
    return process
