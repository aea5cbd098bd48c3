"""Commit the offsets of applied records once a second. An offset is a record's place in its partition. Kafka
keeps the committed offsets, and a restarted consumer reads on from there. A commit for each batch would cost
one request to the broker for each batch."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

EVERY_SECONDS = 1.0
"""Seconds between two commits. After a crash, applied records may be read again, without effect."""


class Offsets:
    """Kafka offsets of the records that this process has applied. They are committed every `every_s` seconds. A
    commit that fails is tried again until the process leaves the consumer group."""

    def __init__(self, every_s: float = EVERY_SECONDS) -> None:
        self._every_s = every_s
        self._next: dict[TopicPartition, int] = {}
        """For each partition, the offset of the first record that is not applied yet."""
        self._committing: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()

    def applied(self, consumer: AIOKafkaConsumer, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """Note that `records` are applied. Their offsets are committed within `every_s` seconds."""
        self._next |= {TopicPartition(each.topic, each.partition): each.offset + 1 for each in records}
        if not self._ending.is_set() and (self._committing is None or self._committing.done()):
            self._committing = asyncio.create_task(self._commit(consumer))

    @asynccontextmanager
    async def ended(self) -> AsyncIterator[None]:
        """Commit the offsets a last time, and wait at most `every_s` seconds for the broker's confirmation. Then
        run the `with` block, even without confirmation. In the block, the caller leaves the consumer group."""
        self._ending.set()
        if self._committing is not None:
            await asyncio.wait({self._committing}, timeout=self._every_s)
        try:
            yield
        finally:
            if self._committing is not None:
                self._committing.cancel()

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        while self._next:  # while the broker answers, more records are applied
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), self._every_s)
            ready, self._next = self._next, {}
            mine = consumer.assignment()
            try:
                await consumer.commit({partition: at for partition, at in ready.items() if partition in mine})
            except KafkaError:
                self._next = ready | self._next
                if self._ending.is_set():
                    return
