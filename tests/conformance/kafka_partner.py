"""A partner with Kafka topics, here topics of one test on the Kafka that all tests share."""

from contextlib import asynccontextmanager
from typing import Any, ClassVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from connectors.kafka import KafkaSink, KafkaSource
from contracts.kafka import EntreeKafka, SortieKafka
from contracts.ports import Native
from tests.integration.waiting import until

from .promises import Promise

NO_FILES = "records have no names, and nothing is removed"
NO_QUESTION = "a topic is not searched for a key"
OF_ITS_OWN = "asked of a broker with accounts and rights, in tests/integration/test_lines.py"


class Topic:
    """A Kafka topic with two partitions, and a partner's actions on it."""

    def __init__(self, bootstrap: str, name: str) -> None:
        self.bootstrap = bootstrap
        self.name = name

    @property
    def entry(self) -> dict[str, Any]:
        return {"serveurs": self.bootstrap, "topic": self.name, "tls": False}

    async def create(self) -> None:
        async with self._administered() as admin:
            await admin.create_topics([NewTopic(self.name, 2, 1)])

            async def known() -> bool:
                return self.name in await admin.list_topics()

            await until(known, "le topic est là")

    async def delete(self) -> None:
        """Delete the topic, and wait until the broker no longer lists it. Records written before that would be
        deleted with it."""
        async with self._administered() as admin:
            await admin.delete_topics([self.name])

            async def forgotten() -> bool:
                return self.name not in await admin.list_topics()

            await until(forgotten, "le topic n'est plus là")

    @asynccontextmanager
    async def _administered(self):
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        try:
            await admin.start()
            yield admin
        finally:
            await admin.close()

    async def write(self, *values: bytes, partition: int = 0, **options: Any) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        async with running(producer):
            for value in values:
                await producer.send_and_wait(self.name, value, partition=partition, **options)

    async def write_batch(self, codec: str | None, *values: bytes, partition: int = 0) -> None:
        """Write these values as one batch with this compression, however large it is uncompressed."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            compression_type=codec,
            max_batch_size=2**30,
            max_request_size=2**30,
        )
        async with running(producer):
            batch = producer.create_batch()
            for value in values:
                batch.append(key=None, value=value, timestamp=None)
            await (await producer.send_batch(batch, self.name, partition=partition))

    async def records(self) -> list[Any]:
        """Return all records of the topic, in the order in which they were written."""
        consumer = AIOKafkaConsumer(
            self.name, bootstrap_servers=self.bootstrap, auto_offset_reset="earliest", group_id=None
        )
        async with running(consumer):
            while not consumer.assignment():  # a topic that was just made
                await consumer.getmany(timeout_ms=100)
            ends = await consumer.end_offsets(consumer.assignment())
            found: list[Any] = []
            while len(found) < sum(ends.values()):
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += records
        return sorted(found, key=lambda record: (record.timestamp, record.offset))

    def _member(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id="siao-hub", enable_auto_commit=False
        )

    async def commit(self, offset: int) -> None:
        """Commit an offset for the hub's group, as a reader that knows only the topic's name."""
        consumer = self._member()
        async with running(consumer):
            where = TopicPartition(self.name, 0)
            consumer.assign([where])
            await consumer.commit({where: offset})

    async def committed(self, partition: int = 0) -> int | None:
        consumer = self._member()
        async with running(consumer):
            where = TopicPartition(self.name, partition)
            consumer.assign([where])
            offset: int | None = await consumer.committed(where)
            return offset


@asynccontextmanager
async def running(client: Any):
    """Start a Kafka client; stop it when the block ends."""
    try:
        await client.start()
        yield client
    finally:
        await client.stop()


class KafkaPartner:
    NAME: ClassVar[str] = "kafka"
    WAIVED: ClassVar[dict[Promise, str]] = {
        Promise.REFUSED: OF_ITS_OWN,
        Promise.THROTTLED: "a broker has no way to ask for a pause",
        Promise.UNREACHABLE: OF_ITS_OWN,
        Promise.RECOVERS: OF_ITS_OWN,
        Promise.CREDENTIALS: OF_ITS_OWN,
        Promise.ANSWER_LOST: OF_ITS_OWN,
        Promise.ASKED: NO_QUESTION,
        Promise.ASKED_IN_VAIN: NO_QUESTION,
    }

    def __init__(self, topic: Topic, monkeypatch: Any) -> None:
        self.topic = topic
        self.sink = KafkaSink(SortieKafka(**topic.entry))

    async def start(self) -> None:
        await self.topic.create()

    async def stop(self) -> None:
        await self.sink.close()
        await self.topic.delete()

    async def effects(self) -> list[bytes]:
        by_key: dict[bytes, bytes] = {}
        for record in await self.topic.records():
            by_key.setdefault(dict(record.headers)["idempotency-key"], record.value)
        return list(by_key.values())


class KafkaDropper:
    NAME: ClassVar[str] = "kafka"
    WAIVED: ClassVar[dict[Promise, str]] = {
        Promise.EXACT_BYTES: NO_FILES,
        Promise.INCOMPLETE: "a record is there whole",
        Promise.DONE: NO_FILES,
        Promise.DONE_TWICE: NO_FILES,
        Promise.TWINS: NO_FILES,
        Promise.NEW_CONTENT: NO_FILES,
        Promise.UNREACHABLE: OF_ITS_OWN,
        Promise.RECOVERS: OF_ITS_OWN,
        Promise.CREDENTIALS: OF_ITS_OWN,
    }

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.source = self.new_source()

    def new_source(self, **options: Any) -> KafkaSource:
        return KafkaSource(EntreeKafka(**self.topic.entry, dialecte="cloudevents_json"), **options)

    async def start(self) -> None:
        await self.topic.create()

    async def stop(self) -> None:
        await self.source.close()
        await self.topic.delete()

    async def drop(self, name: str, body: bytes) -> None:
        await self.topic.write(body)

    async def offered(self) -> list[Native]:
        return [native async for native in self.source.fetch()]
