"""Everything outside of the database: a simulated Kafka that may be read again, and partners with journals."""

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
"""Names of the calls that wake up workers, and senders that wait for a delivery."""
PARTITIONS = 6
FAILURE_SHARE, REFUSAL_SHARE = 0.05, 0.04


@dataclass
class Partition:
    """A partition: records in order, and the group's offset."""

    records: list[Entry] = field(default_factory=list)
    committed: int = 0


class Bus:
    """A simulated Kafka: topics and partitions as lists. A record is stored once its producer is told so."""

    def __init__(self) -> None:
        self.partitions: dict[str, Partition] = {}

    def unread(self, chance: Random) -> Partition | None:
        """Return a random partition with records that the group has not read; None if there is none."""
        unread = [p for _, p in sorted(self.partitions.items()) if p.committed < len(p.records)]
        return chance.choice(unread) if unread else None

    async def send(self, topic: str, value: bytes, *, key: bytes, headers: Any) -> "asyncio.Future[None]":
        """Store a record, as the producer's `send`. The returned future is done."""
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
    """A simulated partner, with what it acted on in order. If it deduplicates, it acts on each key once; if it can
    be asked, it tells what it has.

    Sometimes it refuses a new delivery, or fails; then it may have acted or not.
    """

    def __init__(self, partner: Partner) -> None:
        assert partner.sortie is not None
        self.effects: list[Effect] = []
        self.livraison = partner.livraison
        self._delai_s = partner.sortie.delai_s
        self._refused: set[UUID] = set()

    @property
    def decides(self) -> bool:
        """Whether no delivery stays undecided, because the partner recognises repetitions or answers questions."""
        return self.livraison is not ClasseLivraison.AUCUNE

    async def send(self, native: Native, key: str) -> Receipt:
        """Receive a delivery, as a sink's `send`. Raises PartnerUnavailable or Refused.

        A request that leaves after its time-out, from a process that was frozen just then, is a gap that no design
        closes. So a partner that can be asked does not get it, and one that has refused it refuses it again.
        """
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
        """Return whether the partner acted on this delivery. Sometimes raises PartnerUnavailable."""
        process = here()
        await process.stop("demande", Kind.OUTSIDE)
        if process.chance.random() < FAILURE_SHARE:
            raise PartnerUnavailable("indisponible")
        return self._has(UUID(key))

    async def close(self) -> None:
        """Do nothing: there is no connection to close."""

    def _takes(self, effect: Effect, refuses: bool, late: bool) -> bool:
        """Return whether the partner acts on a delivery, or has acted on it before."""
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
    """Return the simulated process that is running."""
    process = RUNNING.get()
    assert process is not None
    return process
