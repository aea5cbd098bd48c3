"""What lies around the SQL steps: a bus of lists that may be read again, and partners that keep a journal."""

import asyncio
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import from_headers
from contracts.errors import OutcomeUnknown, PartnerUnavailable, Refused
from contracts.partner import ClasseLivraison, Partner
from contracts.ports import Native, Receipt
from router.store.log import Entry
from tests.integration.interleaving_gates import RUNNING, Kind, Process

BUS, PARTNERS = "bus", "partenaires"
"""What wakes up workers, and senders who wait for what they are told."""
PARTITIONS = 6
FAILURE_SHARE, REFUSAL_SHARE = 0.05, 0.04


@dataclass
class Partition:
    """Records in order, and where the group is to begin."""

    records: list[Entry] = field(default_factory=list)
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
        self.partitions.setdefault(name, Partition()).records.append(Entry(from_headers(headers), value))
        process.ground.call(BUS)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


class Effect(NamedTuple):
    """A delivery that a partner acted on."""

    key: UUID
    body: dict[str, Any]


class Journal:
    """A partner: what it acted on, in order. Who deduplicates acts on a key once; who can be asked tells what it has.

    Now and then it refuses what is new to it, or fails, and then it may have acted or not."""

    def __init__(self, partner: Partner) -> None:
        assert partner.sortie is not None
        self.effects: list[Effect] = []
        self.livraison = partner.livraison
        self._delai_s = partner.sortie.delai_s
        self._refused: set[UUID] = set()

    @property
    def decides(self) -> bool:
        """Whether nothing stays undecided: a repetition is recognised, or a question answered."""
        return self.livraison is not ClasseLivraison.AUCUNE

    async def send(self, native: Native, key: str) -> Receipt:
        """As a sink's. What leaves after its time-out, from a process that was frozen right there, is a window that no
        design closes: who can be asked does not get it, and who has refused it by then refuses it again."""
        process = here()
        began = process.ground.passed
        await process.stop("envoie", Kind.OUTSIDE)
        late = process.ground.passed - began > self._delai_s
        refuses = process.chance.random() < REFUSAL_SHARE
        if process.chance.random() < FAILURE_SHARE or (
            late and self.livraison is ClasseLivraison.INTERROGEABLE
        ):
            raise PartnerUnavailable("indisponible")
        if not self._takes(Effect(UUID(key), json.loads(native.body)), refuses, late):
            await self._answered(process)
            raise Refused("refusé")
        process.ground.call(PARTNERS)
        await self._answered(process)
        return Receipt()

    async def has_received(self, native: Native, key: str) -> bool:
        """What it acted on; now and then the question fails, or its answer is lost."""
        process = here()
        await process.stop("demande", Kind.OUTSIDE)
        if process.chance.random() < FAILURE_SHARE:
            raise PartnerUnavailable("indisponible")
        return self._has(UUID(key))

    async def close(self) -> None:
        """Nothing to close."""

    def _takes(self, effect: Effect, refuses: bool, late: bool) -> bool:
        """Whether it acts on a delivery, or has done so before."""
        if self.livraison is ClasseLivraison.DEDUPLIQUE and self._has(effect.key):
            return True
        if refuses or (late and effect.key in self._refused):
            self._refused.add(effect.key)
            return False
        self.effects.append(effect)
        return True

    def _has(self, key: UUID) -> bool:
        return any(effect.key == key for effect in self.effects)

    async def _answered(self, process: Process) -> None:
        await process.stop("attend la réponse", Kind.OUTSIDE)
        if process.chance.random() < FAILURE_SHARE:
            raise OutcomeUnknown("la réponse s'est perdue")


def here() -> Process:
    """The process that runs."""
    process = RUNNING.get()
    assert process is not None
    return process
