"""Helpers of the benchmarks for Kafka: create topics, send records, ask for end offsets and times of records."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic


async def create_topics(bootstrap: str, names: Sequence[str]) -> None:
    """Create topics of one partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, 1, 1) for name in names])
    finally:
        await admin.close()


async def publish(bootstrap: str, topic: str, bodies: Iterable[bytes]) -> None:
    """Send bodies to a topic in large batches. Return once Kafka has acknowledged all of them."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, max_batch_size=512 * 1024)
    await producer.start()
    try:
        for body in bodies:
            await producer.send(topic, body)
        await producer.flush()
    finally:
        await producer.stop()


class Bus:
    """A Kafka consumer without a group, to ask about topics."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def count(self, topic: str, partitions: int = 1) -> int:
        """Return the number of records ever written to the first `partitions` partitions of a topic."""
        ends = await self._consumer.end_offsets([TopicPartition(topic, n) for n in range(partitions)])
        return sum(ends.values())

    async def moment_s(self, topic: str, offset: int) -> float:
        """Return the timestamp of the record at this offset of partition 0, in seconds since 1970."""
        partition = TopicPartition(topic, 0)
        self._consumer.assign([partition])
        self._consumer.seek(partition, offset)
        record = await self._consumer.getone(partition)
        return float(record.timestamp / 1000)


@asynccontextmanager
async def reading(bootstrap: str) -> AsyncIterator[Bus]:
    """Give a `Bus` until the block ends."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        yield Bus(consumer)
    finally:
        await consumer.stop()
