"""Read and write whole lines in files, and records on Kafka topics that have one partition."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from connectors.unbroken import connected, stopped, unbroken
from contracts.errors import BusUnavailable, Misconfigured
from contracts.topics import Topic
from router.process.topics_admin import ensure_topics, what_bus_says
from router.settings import KafkaSettings
from router.settings.lines import kafka_options

BUS_SECONDS = 10.0
LONGEST_LINE_BYTES = 64 * 1024
CLIENT = "siao-hub-dehors"
Record = tuple[bytes | None, bytes]
"""The key and the value of a Kafka record; the value is a line."""


def lines_of(file: Path) -> list[bytes]:
    """Return the lines of a file, but for a last line without a line end. The list is empty if the file is
    missing. Raises Misconfigured if the file cannot be read."""
    return _lines(file, None)


def last_line(file: Path) -> bytes | None:
    """Return the last line of a file that has a line end; None if the last `LONGEST_LINE_BYTES` of the file
    have no such line, or if the file is missing. Raises Misconfigured if the file cannot be read."""
    lines = _lines(file, LONGEST_LINE_BYTES)
    return lines[-1] if lines else None


def append(file: Path, line: bytes) -> None:
    """Append a line to a file, and wait until it is on disk. If the file's last line has no line end, that
    line is removed first. Raises Misconfigured if the file cannot be written."""
    try:
        with file.open("a+b") as kept:
            size = kept.seek(0, os.SEEK_END)
            start = kept.seek(max(0, size - LONGEST_LINE_BYTES))
            kept.truncate(start + kept.read().rfind(b"\n") + 1)
            kept.write(line + b"\n")
            kept.flush()
            os.fsync(kept.fileno())
    except OSError as exc:
        raise Misconfigured(f"{file} ne peut être écrit") from exc


async def publish(kafka: KafkaSettings, topic: Topic, records: Sequence[Record]) -> None:
    """Publish records on a topic, in their order. The topic is created if it is missing. Raises
    BusUnavailable if Kafka does not answer, or if publishing takes longer than `BUS_SECONDS`."""
    name = topic.name(kafka.prefix)
    producer = AIOKafkaProducer(**kafka_options(kafka), client_id=CLIENT, acks="all")
    try:
        async with asyncio.timeout(BUS_SECONDS), connected(producer.start, producer.stop):
            if name not in (await producer.client.fetch_all_metadata()).topics():
                await ensure_topics(kafka)
            for key, line in records:
                await producer.send_and_wait(name, line, key=key)
    except (KafkaError, OSError, TimeoutError) as exc:
        raise BusUnavailable(what_bus_says(exc)) from exc


async def published(kafka: KafkaSettings, topic: Topic, newest: int | None = None) -> list[Record]:
    """Return the records of a topic, oldest first. If `newest` is given, return only the end of the topic: at
    most this many records. Return an empty list if the topic is missing. Raises BusUnavailable if Kafka does
    not answer."""
    name = topic.name(kafka.prefix)
    async with consuming(kafka) as consumer:
        try:
            async with asyncio.timeout(BUS_SECONDS):
                if name not in await consumer.topics():
                    return []
            return await _read(consumer, TopicPartition(name, 0), newest)
        except (OSError, TimeoutError) as exc:
            raise BusUnavailable(what_bus_says(exc)) from exc


@asynccontextmanager
async def consuming(kafka: KafkaSettings, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """Open a Kafka consumer that does not record how far it has read. Raises BusUnavailable if Kafka does not
    answer, or if a Kafka error occurs while the consumer is open."""
    consumer = AIOKafkaConsumer(**kafka_options(kafka), client_id=CLIENT, enable_auto_commit=False, **options)
    try:
        try:
            async with asyncio.timeout(BUS_SECONDS):
                await unbroken(consumer.start())
        except (OSError, TimeoutError) as exc:
            raise BusUnavailable(what_bus_says(exc)) from exc
        yield consumer
    except KafkaError as exc:
        raise BusUnavailable(what_bus_says(exc)) from exc
    finally:
        await stopped(consumer.stop())


async def _read(consumer: AIOKafkaConsumer, partition: TopicPartition, newest: int | None) -> list[Record]:
    consumer.assign([partition])
    async with asyncio.timeout(BUS_SECONDS):
        first = (await consumer.beginning_offsets([partition]))[partition]
        end: int = (await consumer.end_offsets([partition]))[partition]
    consumer.seek(partition, first if newest is None else max(first, end - newest))
    found: list[Record] = []
    while await consumer.position(partition) < end:
        records = await consumer.getmany(partition, timeout_ms=int(1000 * BUS_SECONDS))
        if not records:
            raise TimeoutError
        found += [(record.key, record.value or b"") for record in records[partition]]
    return found


def _lines(file: Path, most: int | None) -> list[bytes]:
    try:
        with file.open("rb") as kept:
            size = kept.seek(0, os.SEEK_END)
            kept.seek(0 if most is None else max(0, size - most))
            return kept.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise Misconfigured(f"{file} ne peut être lu") from exc
