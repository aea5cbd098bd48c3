"""Lines that are kept outside the database: in a file of this machine, and on a topic that every machine reads."""

import asyncio
import os
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from connectors.unbroken import unbroken
from contracts.errors import BusUnavailable, Misconfigured
from contracts.topics import Topic
from router.process.topics_admin import ensure_topics
from router.settings import KafkaSettings
from router.settings.lines import kafka_options

BUS_SECONDS = 10.0
"""How long the bus may take to answer; while lines come, it may take any time."""
LONGEST_LINE_BYTES = 64 * 1024


def lines_of(file: Path) -> list[bytes]:
    """Return the whole lines of a file; none where there is no file. Raises Misconfigured."""
    return _lines(file, None)


def last_line(file: Path) -> bytes | None:
    """Return the last whole line of a file, however long the file is. Raises Misconfigured."""
    lines = _lines(file, LONGEST_LINE_BYTES)
    return lines[-1] if lines else None


def append(file: Path, line: bytes) -> None:
    """Add a line that is on the disk when this returns, in the place of one that a crash cut short. Raises
    Misconfigured."""
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


async def publish(kafka: KafkaSettings, topic: Topic, line: bytes) -> None:
    """Put a line on its topic. Raises BusUnavailable within seconds."""
    producer = AIOKafkaProducer(**kafka_options(kafka), client_id="siao-hub-audit", acks="all")
    try:
        async with asyncio.timeout(BUS_SECONDS):
            await unbroken(producer.start())
            await ensure_topics(kafka)
            await producer.send_and_wait(topic.name(kafka.prefix), line)
    except (KafkaError, OSError, TimeoutError) as exc:
        raise BusUnavailable(f"Kafka ne répond pas ({type(exc).__name__})") from exc
    finally:
        await unbroken(producer.stop())


async def published(kafka: KafkaSettings, topic: Topic, newest: int | None = None) -> list[bytes]:
    """Return the lines of a topic in their order, all or the `newest` ones; none where there is no such topic. Raises
    BusUnavailable."""
    consumer = AIOKafkaConsumer(**kafka_options(kafka), client_id="siao-hub-audit", enable_auto_commit=False)
    name = topic.name(kafka.prefix)
    try:
        async with asyncio.timeout(BUS_SECONDS):
            await unbroken(consumer.start())
            if name not in await consumer.topics():
                return []
        return await _read(consumer, TopicPartition(name, 0), newest)
    except (KafkaError, OSError, TimeoutError) as exc:
        raise BusUnavailable(f"Kafka ne répond pas ({type(exc).__name__})") from exc
    finally:
        await unbroken(consumer.stop())


async def _read(consumer: AIOKafkaConsumer, partition: TopicPartition, newest: int | None) -> list[bytes]:
    """Raises TimeoutError where nothing comes for long."""
    consumer.assign([partition])
    async with asyncio.timeout(BUS_SECONDS):
        first = (await consumer.beginning_offsets([partition]))[partition]
        end: int = (await consumer.end_offsets([partition]))[partition]
    consumer.seek(partition, first if newest is None else max(first, end - newest))
    lines: list[bytes] = []
    while await consumer.position(partition) < end:
        records = await consumer.getmany(partition, timeout_ms=int(1000 * BUS_SECONDS))
        if not records:
            raise TimeoutError
        lines += [record.value or b"" for record in records[partition]]
    return lines


def _lines(file: Path, most: int | None) -> list[bytes]:
    """The lines of a file, or of its last bytes; a line that a crash cut short is none."""
    try:
        with file.open("rb") as kept:
            size = kept.seek(0, os.SEEK_END)
            kept.seek(0 if most is None else max(0, size - most))
            return kept.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    except OSError as exc:
        raise Misconfigured(f"{file} ne peut être lu") from exc
