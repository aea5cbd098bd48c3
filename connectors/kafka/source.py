"""Fetch the records of a partner's Kafka topic. A record is offered until it is settled. The committed offset
is that of the first unsettled record."""

import asyncio
import math
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from connectors.byte_budget import FILE_MAX_BYTES, ByteBudget
from connectors.kafka.binding import native_of
from connectors.kafka.bounds import BATCH_MAX_BYTES, UnreadBatch
from connectors.kafka.link import DENIED, UNREACHABLE, options, partitions
from connectors.kafka.progress import Commits, OffsetNote, Progress
from connectors.kafka.topic import UNKNOWN, topic_id
from connectors.unbroken import stopped, unbroken
from contracts.errors import Misconfigured, PartnerUnavailable, RecordRange, Unpassable
from contracts.kafka import EntreeKafka
from contracts.ports import IntakeReport, Native

LOOK_MS = 200
"""Time for which one poll waits for records."""
RENEWAL_SECONDS = 86_400.0
TOO_LARGE = f"un lot y dépasse, décompressé, les {BATCH_MAX_BYTES // 1024**2} Mio que le hub lit"
DAMAGED = "un lot y est abîmé"
UNREADABLE = (
    "Le hub n'a pas le droit de lire le topic du partenaire, ou de noter sous son groupe jusqu'où il a lu"
)


class KafkaSource:
    """Source of the records of one topic. Only one process may use it at a time. If the topic is created
    anew, it is read from its beginning. If the hub has changed to another database, the records of the last
    minutes are read again."""

    def __init__(self, entree: EntreeKafka, budget: ByteBudget | None = None, tables: str = "") -> None:
        self._entree = entree
        self._tables = tables
        self._budget = budget or ByteBudget(FILE_MAX_BYTES)
        self._consumer: AIOKafkaConsumer | None = None
        self._starting = asyncio.Lock()
        self._renewed_at = -math.inf
        self._topic = UNKNOWN
        """Id of the topic to which the progress belongs."""
        self._progress: dict[int, Progress] = defaultdict(Progress)
        """Progress of the reading, by partition."""
        self._commits: dict[int, Commits] = {}
        """Recent commits by partition."""

    async def fetch(self) -> AsyncIterator[Native]:
        """Yield the records that are not settled, in the order of each partition. A call begins each
        partition at its first unsettled record, and reads no more of it once `UNCOMMITTED_MAX` of its records
        wait for their commit.

        Raises PartnerUnavailable if Kafka does not answer; Misconfigured for a wrong setting or missing
        right; Unpassable for an unreadable batch, once all records before it are settled. While any of these
        records is unsettled, the call ends at the batch without an error.
        """
        if await self._is_another():
            await self.close()
        async with self._connected() as consumer:
            ends = await consumer.end_offsets(consumer.assignment())
            if cut := [each for each, end in ends.items() if not self._progress[each.partition].goes_on(end)]:
                await self._begin_anew(consumer, cut)
            for partition in ends:
                if (first := self._progress[partition.partition].rewind()) is not None:
                    consumer.seek(partition, first)
            await self._renew(consumer)
        while (record := await self._next(ends)) is not None:
            if isinstance(record.value, UnreadBatch):
                await self._stop_before(record, record.value)
                return
            key = _key_of(record)
            progress = self._progress[record.partition]
            if progress.offered(record.offset, key):
                native = native_of(record.value or b"", record.headers, key)
                await self._budget.wait_for(len(native.body))
                yield native
            if progress.is_full(record.offset):
                del ends[self._where(record.partition)]

    async def done(self, native: Native, report: IntakeReport) -> None:
        """Mark a record as settled, and commit the offset of the first unsettled record. Idempotent. Raises
        PartnerUnavailable or Misconfigured if the offset cannot be committed."""
        assert native.cle is not None
        _, partition, offset, _ = native.cle.rsplit("/", 3)
        topic, following = self._topic, self._progress[int(partition)].settle(int(offset), native.cle)
        if following is not None:
            async with self._connected() as consumer:
                await self._commit(consumer, topic, {int(partition): following})

    async def go_on(self, partition: int, offset: int) -> None:
        """Commit `offset`, and make the next `fetch` read the partition from there, even past an unreadable
        batch. Raises PartnerUnavailable or Misconfigured if the offset cannot be committed."""
        async with self._connected() as consumer:
            self._commits[partition] = Commits(offset, offset, time.monotonic())
            await self._commit(consumer, self._topic, {partition: offset})
            self._progress[partition] = Progress(committed=offset)
            consumer.seek(self._where(partition), offset)

    async def close(self) -> None:
        """Close the connection to the partner's Kafka. Idempotent."""
        if self._consumer is not None:
            await self._give_up(self._consumer)

    async def _give_up(self, consumer: AIOKafkaConsumer) -> None:
        if self._consumer is consumer:
            self._consumer = None
        await stopped(consumer.stop())

    async def _begin_anew(self, consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition]) -> None:
        for partition, first in (await consumer.beginning_offsets(partitions)).items():
            self._progress[partition.partition] = Progress()
            self._commits[partition.partition] = Commits(first, first, time.monotonic())
            consumer.seek(partition, first)

    async def _renew(self, consumer: AIOKafkaConsumer) -> None:
        """Commit again the last committed offset of each partition, at most once a day, because brokers forget
        old commits."""
        now = time.monotonic()
        if now < self._renewed_at + RENEWAL_SECONDS:
            return
        known = {
            number: each.committed for number, each in self._progress.items() if each.committed is not None
        }
        if known:
            await self._commit(consumer, self._topic, known)
        self._renewed_at = now

    async def _commit(self, consumer: AIOKafkaConsumer, topic: str, offsets: Mapping[int, int]) -> None:
        now = time.monotonic()
        notes = {
            n: OffsetNote(topic, self._tables, self._commits[n].note(at, now)) for n, at in offsets.items()
        }
        await consumer.commit({self._where(n): (at, str(notes[n])) for n, at in offsets.items()})

    def _where(self, number: int) -> TopicPartition:
        return TopicPartition(self._entree.topic, number)

    async def _is_another(self) -> bool:
        async with self._connected() as consumer:
            return await _id_of(consumer, self._entree.topic) != self._topic

    async def _next(self, ends: Mapping[TopicPartition, int]) -> Any | None:
        async with self._connected() as consumer:
            while [each for each, end in ends.items() if await consumer.position(each) < end]:
                # one record at a time, because each may have to be unpacked from a large batch
                for records in (await consumer.getmany(*ends, timeout_ms=LOOK_MS, max_records=1)).values():
                    return records[0]
        return None

    async def _stop_before(self, record: Any, unread: UnreadBatch) -> None:
        progress = self._progress[record.partition]
        first = max(unread.first, progress.furthest + 1, progress.committed or 0)
        async with self._connected() as consumer:
            consumer.seek(self._where(record.partition), first)
        if progress.is_settled:
            records = RecordRange(record.topic, record.partition, first, record.offset + 1)
            raise Unpassable(TOO_LARGE if unread.too_large else DAMAGED, records)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = None
        try:
            async with asyncio.timeout(self._entree.delai_s):
                async with self._starting:
                    consumer = await self._started()
                yield consumer
        except (KafkaError, TimeoutError) as exc:
            if consumer is not None:
                await self._give_up(consumer)
            if isinstance(exc, DENIED):
                raise Misconfigured(UNREADABLE) from exc
            raise PartnerUnavailable(UNREACHABLE) from exc

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is not None and not self._has_grown(self._consumer):
            return self._consumer
        await self.close()
        numbers = await partitions(self._entree)
        consumer = AIOKafkaConsumer(
            **options(self._entree),
            bootstrap_servers=self._entree.serveurs,
            group_id=self._entree.groupe,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        try:
            consumer.assign([self._where(number) for number in numbers])
            await unbroken(consumer.start())
            await self._take_up(consumer)
        except BaseException:
            await stopped(consumer.stop())
            raise
        self._consumer = consumer
        return consumer

    async def _take_up(self, consumer: AIOKafkaConsumer) -> None:
        topic = await _id_of(consumer, self._entree.topic)
        if topic != self._topic:
            self._progress.clear()
            self._commits.clear()
        where, now = consumer.assignment(), time.monotonic()
        first = await consumer.beginning_offsets(where)
        before = dict(first)
        for partition, (offset, text) in (await _committed(consumer, where)).items():
            note = OffsetNote.read(text, offset)
            if note.topic == topic or UNKNOWN in (note.topic, topic):  # an old broker has no ids
                at = offset if note.counts_for(self._tables) else note.before
                first[partition] = self._progress[partition.partition].committed = at
                before[partition] = note.before
        for partition, offset in first.items():
            self._commits.setdefault(partition.partition, Commits(before[partition], offset, now))
            consumer.seek(partition, offset)
        self._topic = topic

    def _has_grown(self, consumer: AIOKafkaConsumer) -> bool:
        known = consumer.partitions_for_topic(self._entree.topic) or ()
        return len(known) > len(consumer.assignment())


async def _id_of(consumer: AIOKafkaConsumer, topic: str) -> str:
    return await topic_id(consumer._client, topic)


async def _committed(
    consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition]
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    found: Mapping[TopicPartition, OffsetAndMetadata]
    # aiokafka's own method `committed` leaves out the metadata
    found = await consumer._coordinator.fetch_committed_offsets(list(partitions))
    return found


def _key_of(record: Any) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}"
