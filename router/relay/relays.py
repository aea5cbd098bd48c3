"""Run one relay for each shard, all with one Kafka producer."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from connectors.unbroken import connected
from contracts.errors import BusUnavailable
from router.process.leases import Lease
from router.process.partitions import partitioner
from router.process.topics_admin import ensure_topics, what_bus_says
from router.process.wakeup import WakeUp
from router.relay.shard import Relay
from router.settings import KafkaSettings, RelaySettings
from router.settings.lines import kafka_options
from router.store.arrivals import Arrival
from router.store.database import Database
from router.triage import first_of


class Relays:
    """Relays of this process, one for each shard. If Kafka fails, they start again with a new producer: once a
    producer has given up a batch, it can no longer keep the order."""

    def __init__(
        self,
        database: Database,
        kafka: KafkaSettings,
        settings: RelaySettings,
        wakes: Sequence[WakeUp],
        lease: Callable[[str], Lease],
        says: Callable[[str | None], None],
    ) -> None:
        """`wakes` has a flag for each shard: to set it starts the next round of the shard's relay. `lease`
        returns the lease with the given name. Each relay has a lease of its own. `says` is called with a reason,
        in French, when the relays cannot work, and with None when they can."""
        self._database = database
        self._kafka = kafka
        self._settings = settings
        self._wakes = wakes
        self._lease = lease
        self._says = says
        self._relays: Sequence[Relay] = ()

    async def run(self) -> None:
        """Publish events until cancelled. If Kafka fails, wait for a second, create missing topics, and go on
        with a new producer."""
        while True:
            try:
                async with self._producer() as producer, asyncio.TaskGroup() as group:
                    self._says(None)
                    self._relays = [self._relay(shard, producer) for shard in range(len(self._wakes))]
                    for relay in self._relays:
                        group.create_task(relay.run())
                        group.create_task(relay.publish_handed())
            except* (KafkaError, BusUnavailable) as exc:
                self._relays = ()
                self._says(what_bus_says(first_of(exc)))
                await asyncio.sleep(1)

    def _relay(self, shard: int, producer: AIOKafkaProducer) -> Relay:
        wake, lease = self._wakes[shard], self._lease(f"relay:{shard}")
        return Relay(self._database, producer, self._kafka, self._settings, wake, lease, shard)

    @property
    def at_work(self) -> bool:
        """Return whether this process publishes the events of all shards."""
        return bool(self._relays) and all(relay.is_at_work for relay in self._relays)

    def hand_over(self, committed: Sequence[Arrival]) -> None:
        """Publish, in order, events that were just committed to the database. If no relay runs in this process,
        only wake the shards of these events: their relays will read the events from the outbox."""
        for entry, before in committed:
            shard = entry.attributes.subject.bytes[-1] % len(self._wakes)
            if self._relays:
                self._relays[shard].take(entry, before)
            else:
                self._wakes[shard].set()

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            **kafka_options(self._kafka),
            client_id="siao-hub-relay",
            acks="all",
            enable_idempotence=True,
            compression_type="snappy",  # a batch of one event takes a tenth of the time of zstd
            linger_ms=0,
            max_batch_size=256 * 1024,
            partitioner=partitioner,
            request_timeout_ms=10_000,
        )
        async with connected(producer.start, producer.stop):
            await ensure_topics(self._kafka)
            yield producer
