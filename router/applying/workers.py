"""Read the hub's records from Kafka, and apply their events. One subscriber of FastStream, a library for Kafka
consumers, gives the raw records of each poll to a handler as a batch.

The offsets of a batch are committed after its transaction. FastStream skips a batch whose handler raises, so
no exception may leave the handler. While PostgreSQL cannot be reached, the handler tries the batch again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.security import BaseSecurity, SASLScram512

from connectors.unbroken import stopped, unbroken
from contracts.errors import BusUnavailable, Misconfigured
from contracts.topics import TOPICS
from router.applying.applier import Applier
from router.applying.believing import Believer, keep_records
from router.applying.group import SESSION_MILLISECONDS, client_id, group_of, take_out_the_dead
from router.applying.offsets import Offsets
from router.domain.partners import Registry
from router.process.quarantining import tell_quarantined
from router.process.topics_admin import ensure_topics, what_bus_says
from router.settings import KafkaSettings, WorkerSettings
from router.settings.lines import kafka_options
from router.store.database import Database
from router.telemetry.outages import OutageLog
from router.triage import cause_of

RETRY_SECONDS = 1.0
METADATA_MILLISECONDS = 10_000
"""Time between two refreshes of Kafka's metadata. A refresh finds topics that were created again."""


class Workers:
    """Kafka consumer of this process. It reads all the hub's topics of events, and applies the events."""

    def __init__(
        self,
        database: Database,
        believer: Believer,
        applier: Applier,
        registry: Callable[[], Registry],
        kafka: KafkaSettings,
        settings: WorkerSettings,
    ) -> None:
        self._database = database
        self._believer = believer
        self._applier = applier
        self._registry = registry
        self._kafka = kafka
        self._stuck = OutageLog("worker")
        self._offsets = Offsets()
        self.broker = KafkaBroker(
            kafka.bootstrap.split(","),
            client_id=client_id(),
            security=security_of(kafka),
            graceful_timeout=15.0,
            metadata_max_age_ms=METADATA_MILLISECONDS,
            logger=None,
            apply_types=False,  # the handler needs no injection, which costs 95 µs a batch
        )
        subscriber = self.broker.subscriber(
            *(topic.name(kafka.prefix) for topic in TOPICS.values()),
            group_id=group_of(kafka),
            batch=True,
            max_records=settings.batch,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            ack_policy=AckPolicy.MANUAL,
            fetch_max_wait_ms=100,
            session_timeout_ms=SESSION_MILLISECONDS,
            heartbeat_interval_ms=SESSION_MILLISECONDS // 3,
            parser=_raw_parser,
            decoder=_raw_decoder,
        )
        subscriber(self._handle)

    async def run(self, says: Callable[[str | None], None], misses: Callable[[str | None], None]) -> None:
        """Apply records until cancelled. `says` is called with a reason, in French, when the work has to wait,
        and with None when the wait ends. `misses` is called with a reason after each failed attempt to reach
        Kafka."""
        try:
            await self._start(says, misses)
            await asyncio.Event().wait()
        finally:
            await stopped(self._stop())

    async def _stop(self) -> None:
        async with self._offsets.ended():
            await self.broker.stop()

    async def _start(self, says: Callable[[str | None], None], misses: Callable[[str | None], None]) -> None:
        while True:
            try:
                await ensure_topics(self._kafka)
                says("ses partitions, du groupe des ouvriers")
                await self._join()
                return says(None)
            except (KafkaError, BusUnavailable) as exc:
                misses(what_bus_says(exc))
                await stopped(self.broker.stop())  # closes connections of an incomplete start
                await asyncio.sleep(RETRY_SECONDS)

    async def _join(self) -> None:
        clearing = asyncio.create_task(take_out_the_dead(self._kafka))
        try:
            await unbroken(self.broker.start())
        finally:
            clearing.cancel()
            await asyncio.wait({clearing})

    async def _handle(self, message: Any) -> None:
        batch: Sequence[ConsumerRecord[bytes, bytes]] = message.raw_message
        await self._persistently(lambda: self._apply(batch, message.consumer))
        self._offsets.applied(message.consumer, batch)

    async def _apply(self, batch: Sequence[ConsumerRecord[bytes, bytes]], consumer: AIOKafkaConsumer) -> None:
        believed, broken = await self._believer.believed(batch, _partitions(consumer, batch))
        if believed:
            await self._applier.apply(believed, self._registry())
        if broken:
            async with self._database.transaction() as connection:
                await keep_records(connection, broken)
            tell_quarantined(broken)

    async def _persistently(self, attempt: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await attempt()
                return self._stuck.succeeded()
            except (BusUnavailable, Misconfigured):  # already logged
                pass
            except Exception as exc:  # noqa: BLE001  raising would skip the batch; retry until the bug is fixed
                self._stuck.failed(f"faute du hub : {cause_of(exc)[1]}")
            await asyncio.sleep(RETRY_SECONDS)


def _partitions(
    consumer: AIOKafkaConsumer, batch: Sequence[ConsumerRecord[bytes, bytes]]
) -> Mapping[str, int]:
    found = {
        topic: len(consumer.partitions_for_topic(topic) or ()) for topic in {each.topic for each in batch}
    }
    if not all(found.values()):
        raise BusUnavailable("Kafka ne dit pas les partitions d'un topic")
    return found


def security_of(kafka: KafkaSettings) -> BaseSecurity | None:
    """Return FastStream's security options for the connection to Kafka. Return None for an unencrypted connection.
    Raises Misconfigured if the settings are wrong."""
    options = kafka_options(kafka)
    context = options.get("ssl_context")
    if context is None:
        return None
    if kafka.username is None:
        return BaseSecurity(ssl_context=context, use_ssl=True)
    return SASLScram512(
        options["sasl_plain_username"], options["sasl_plain_password"], ssl_context=context, use_ssl=True
    )


async def _raw_parser(records: Any, original: Callable[[Any], Awaitable[Any]]) -> Any:
    """Parse a batch with FastStream's parser, `original`, without its headers: this parser drops a whole batch
    if one header is not UTF-8. The returned message has the records with their headers."""
    bare = tuple(replace(record, headers=()) for record in (records[0], records[-1]))
    message = await original(bare)
    message.raw_message = records
    return message


async def _raw_decoder(message: KafkaMessage) -> KafkaMessage:
    return message
