"""Direct access of a test to the hub's topics: read records, write records, rewind the workers' group."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.topics import JOURNAL, TOPICS
from router.applying.group import group_of
from router.settings import KafkaSettings
from router.settings.lines import kafka_options
from tests.integration.waiting import until

Header = tuple[str, bytes | None]


class Bus:
    """The Kafka topics of one hub."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._group = group_of(settings)
        self._since_ms = 0
        self._producer: AIOKafkaProducer | None = None
        """Opened by the first `publish`."""

    def forget(self) -> None:
        """Leave the records before now out of `records` and `rewind`."""
        self._since_ms = int(time.time() * 1000)

    def topic(self, groupe: str) -> str:
        """Return the full name of a topic."""
        return TOPICS[groupe].name(self._settings.prefix)

    async def wait_for_the_workers(self) -> None:
        """Wait until the workers' group has its partitions."""
        async with self._admin() as admin:

            async def stable() -> bool:
                return any(state == "Stable" for state, _ in await self._described(admin))

            await until(stable, "les workers ont leurs partitions")

    async def members(self) -> set[str]:
        """Return the client names of the members of the workers' group."""
        async with self._admin() as admin:
            return {name for _, members in await self._described(admin) for _, name, *_ in members}

    async def _described(self, admin: AIOKafkaAdminClient) -> Sequence[tuple[str, Sequence[tuple[Any, ...]]]]:
        """Return state and members of the workers' group; empty while it does not exist."""
        try:
            (answer,) = await admin.describe_consumer_groups([self._group])
        except KafkaError:
            return []
        return [(state, members) for _, _, state, _, _, members, *_ in answer.groups]

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(**kafka_options(self._settings))
        await admin.start()
        try:
            yield admin
        finally:
            await admin.close()

    async def records(self) -> Sequence[ConsumerRecord]:
        """Return all records of all topics that are not forgotten, oldest first within a partition."""
        async with self._consumer() as consumer:
            return [record for record in await _all_of(consumer) if record.timestamp >= self._since_ms]

    async def lose_journal(self) -> None:
        """Delete the topic of data that must not go back with the database, with its records."""
        name = JOURNAL.name(self._settings.prefix)
        async with self._admin() as admin:
            await admin.delete_topics([name])

            async def gone() -> bool:
                return name not in await admin.list_topics()

            await until(gone, "le topic n'est plus")

    async def wait_until_read(self) -> None:
        """Wait until the workers' group has committed all records."""
        async with self._consumer() as consumer, self._admin() as admin:

            async def no_lag() -> bool:
                ends = await consumer.end_offsets(consumer.assignment())
                first = await consumer.beginning_offsets(consumer.assignment())
                done = await admin.list_consumer_group_offsets(self._group)
                read = {each: done[each].offset if each in done else 0 for each in ends}
                return all(max(first[each], read[each]) >= end for each, end in ends.items())

            await until(no_lag, "les workers ont tout lu")

    async def publish(
        self,
        groupe: str,
        value: bytes | None,
        headers: Sequence[Header],
        key: bytes,
        partition: int | None = None,
    ) -> None:
        """Write one record, valid or not, to a topic."""
        if self._producer is None:
            self._producer = AIOKafkaProducer(**kafka_options(self._settings), acks="all")
            await self._producer.start()
        await self._producer.send_and_wait(
            self.topic(groupe), value, key=key, partition=partition, headers=list(headers)
        )

    async def close(self) -> None:
        """Close what `publish` has opened."""
        if self._producer is not None:
            await self._producer.stop()

    async def publish_again(self, record: ConsumerRecord) -> None:
        """Write a copy of a record to the same partition."""
        groupe = next(name for name in TOPICS if self.topic(name) == record.topic)
        await self.publish(groupe, record.value, record.headers, record.key, record.partition)

    async def rewind(self) -> None:
        """Set the workers' group back to the first record of every topic that is not forgotten. The hub must be
        stopped."""
        async with self._consumer(group_id=self._group) as consumer:
            first = await consumer.offsets_for_times(dict.fromkeys(consumer.assignment(), self._since_ms))
            ends = await consumer.end_offsets(consumer.assignment())
            await consumer.commit({each: at.offset if at else ends[each] for each, at in first.items()})

    @asynccontextmanager
    async def _consumer(self, **more: Any) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            **kafka_options(self._settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **more,
        )
        await consumer.start()
        try:
            consumer.assign(
                [
                    TopicPartition(self.topic(name), number)
                    for name, topic in TOPICS.items()
                    for number in range(topic.partitions)
                ]
            )
            yield consumer
        finally:
            await consumer.stop()


async def _all_of(consumer: AIOKafkaConsumer) -> list[ConsumerRecord]:
    ends = await consumer.end_offsets(consumer.assignment())
    first = await consumer.beginning_offsets(consumer.assignment())
    records: list[ConsumerRecord] = []
    await consumer.seek_to_beginning()
    missing = sum(ends.values()) - sum(first.values())
    while len(records) < missing:
        for batch in (await consumer.getmany(timeout_ms=200)).values():
            records += batch
    return records
