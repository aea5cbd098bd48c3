"""What is applied of each partition, committed behind it once a second: each commit is a message more to the broker."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

EVERY_SECONDS = 1.0
"""How far the committed offsets are behind. What is read again after a crash is pending no more: it has no effect."""


class Offsets:
    """Those of the partitions that this process still reads. What could not be committed is committed with what comes
    next, or read again by whoever reads it then."""

    def __init__(self, every_s: float = EVERY_SECONDS) -> None:
        self._every_s = every_s
        self._next: dict[TopicPartition, int] = {}
        """Of each partition, the first offset that is not applied."""
        self._committing: asyncio.Task[None] | None = None
        self._ending = asyncio.Event()

    def applied(self, consumer: AIOKafkaConsumer, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """All these records have had their effect: commit them within the second."""
        self._next |= {TopicPartition(each.topic, each.partition): each.offset + 1 for each in records}
        if not self._ending.is_set() and (self._committing is None or self._committing.done()):
            self._committing = asyncio.create_task(self._commit(consumer))

    @asynccontextmanager
    async def ended(self) -> AsyncIterator[None]:
        """Commit what is applied, then leave the group within this. A broker that does not answer is not waited for:
        the commit is given up only once its connection is closed."""
        self._ending.set()
        if self._committing is not None:
            await asyncio.wait({self._committing}, timeout=self._every_s)
        try:
            yield
        finally:
            if self._committing is not None:
                self._committing.cancel()

    async def _commit(self, consumer: AIOKafkaConsumer) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), self._every_s)
        ready, self._next = self._next, {}
        mine = consumer.assignment()
        with suppress(KafkaError):
            await consumer.commit({partition: at for partition, at in ready.items() if partition in mine})
