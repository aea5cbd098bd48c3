"""An attacker who may read and write every topic of the hub, and has none of its keys."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord

from contracts.base import Contrat
from contracts.envelope import MAC, PREDECESSOR, Attributes, from_headers, to_headers
from contracts.sealed import clear_half, to_bytes
from router.domain.messages import topic_of
from tests.integration.bus import Header
from tests.integration.world import World


class Forger:
    """Writes forged records where the hub itself would write them, unless told otherwise."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def invents(self, contrat: Contrat, like: Attributes, **changes: Any) -> None:
        """Write an event that nobody sent. `like`: a true event's envelope, some fields of which `changes` replace."""
        attributes = like._replace(type=contrat.TYPE, subject=contrat.sujet, **changes)
        await self.writes(attributes, to_bytes(clear_half(contrat), ()))

    async def changes(self, record: ConsumerRecord, payload: bytes | None = None, **changes: Any) -> None:
        """Write a copy of a true record with other attributes or another payload, and with the proof of the true
        one."""
        attributes = from_headers(record.headers)._replace(**changes)
        ours = [(name, value) for name, value in record.headers if name in (MAC, PREDECESSOR)]
        await self.writes(attributes, record.value if payload is None else payload, ours)

    async def writes(
        self, attributes: Attributes, payload: bytes, more: Sequence[Header] = (), **where: Any
    ) -> None:
        """Write a record, with an invalid proof unless `more` has one."""
        proof = more or [(MAC, (b"\0" * 32).hex().encode())]
        headers = [*to_headers(attributes), *proof]
        key = str(attributes.subject).encode()
        await self._world.bus.publish(topic_of(attributes.type).groupe, payload, headers, key, **where)

    async def is_read(self) -> None:
        """Wait until the workers have read all records and everything that follows is done."""
        await self._world.bus.wait_until_read()
        await self._world.settled()


async def record_of(world: World, kind: str) -> ConsumerRecord:
    """Return the first record whose type ends with `kind`."""
    records = await world.bus.records()
    return next(r for r in records if dict(r.headers)["ce_type"].endswith(kind.encode()))


def event_of(record: ConsumerRecord) -> UUID:
    """Return the id of a record's event."""
    return from_headers(record.headers).id
