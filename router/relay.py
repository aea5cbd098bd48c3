"""Outbox to Kafka, one leased relay a shard of the subjects.

It remembers in memory what it published; a row that is gone from the outbox is applied, a row overdue is
published again under the same id. After a restart it publishes all that is not applied: workers know an
event by its token, so a repetition changes nothing.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from contracts.envelope import to_headers
from contracts.errors import BusUnavailable, InvalidContract
from contracts.topics import Topic, topic_of
from router.applying import failure
from router.leases import Lease
from router.settings import KafkaSettings, RelaySettings
from router.store import log, quarantine
from router.store.database import Database
from router.topics_admin import ensure_topics
from router.wakeup import WakeUp

MAX_PAYLOAD_BYTES = 1_000_000
"""Kafka takes records of a mebibyte unless it is told otherwise; key and headers need some of it."""


class Relay:
    """Publishes one shard while it holds the lease. At most `window` events are published and not applied."""

    def __init__(
        self,
        database: Database,
        producer: AIOKafkaProducer,
        kafka: KafkaSettings,
        settings: RelaySettings,
        wake: WakeUp,
        lease: Lease,
        shard: int,
    ) -> None:
        self._database = database
        self._producer = producer
        self._kafka = kafka
        self._settings = settings
        self._wake = wake
        self._lease = lease
        self._shard = shard
        self._published: dict[int, float] = {}

    async def run(self) -> None:
        """Publish until cancelled; a broker or database that is away is waited for."""
        async for held in self._lease.rounds(self._wake, self._settings.poll_s):
            if held.fresh:
                self._published.clear()
            try:
                while await self._publish_due():
                    pass
            except BusUnavailable:
                await asyncio.sleep(1)
            except KafkaError:
                self._published.clear()  # it may have lost what it had: in order again, from the oldest not applied
                await self._mend_bus()

    async def _mend_bus(self) -> None:
        """A broker that has lost its data comes back without topics."""
        with suppress(BusUnavailable):
            await ensure_topics(self._kafka)
        await asyncio.sleep(1)

    async def _publish_due(self) -> bool:
        """One round; True when it was a full one, and more may wait."""
        now, most = time.monotonic(), self._settings.window // 4
        async with self._database.transaction() as connection:
            waiting = await log.waiting(connection, self._shard, self._settings.shards, self._settings.window)
            overdue = now - self._settings.overdue_s
            known = {seq: at for seq in waiting if (at := self._published.get(seq, 0.0)) > overdue}
            due = [seq for seq in waiting if seq not in known][:most]
            entries = await log.read(connection, due) if due else []
        self._published = known
        if not entries or not self._lease.holds():
            return False
        await self._send([entry for _, entry in entries])
        self._published |= dict.fromkeys((seq for seq, _ in entries), time.monotonic())
        return len(due) == most

    async def _send(self, entries: Sequence[log.Entry]) -> None:
        """Send in order; the idempotent producer keeps it per partition through its own retries."""
        futures = []
        for entry in entries:
            try:
                topic = _topic_for(entry)
            except InvalidContract as exc:
                await self._set_aside(entry, exc)
                continue
            try:
                sent = await self._producer.send(
                    topic.name(self._kafka.prefix),
                    entry.payload,
                    key=str(entry.attributes.subject).encode(),
                    headers=to_headers(entry.attributes),
                )
            except MessageSizeTooLargeError:
                await self._set_aside(entry, _too_large())
            else:
                futures.append(sent)
        await asyncio.gather(*futures)

    async def _set_aside(self, entry: log.Entry, exc: InvalidContract) -> None:
        """What the bus cannot carry goes to quarantine with its token, and holds up its own subject only."""
        async with self._database.transaction() as connection:
            await log.take_tokens(connection, [entry.attributes.id])
            await quarantine.keep_events(connection, [failure(entry.attributes, exc)])


def _topic_for(entry: log.Entry) -> Topic:
    """Raises InvalidContract for an event that no topic can carry."""
    if len(entry.payload) > MAX_PAYLOAD_BYTES:
        raise _too_large()
    return topic_of(entry.attributes.type)


def _too_large() -> InvalidContract:
    return InvalidContract(f"événement trop volumineux pour le bus ({MAX_PAYLOAD_BYTES // 1000} ko au plus)")
