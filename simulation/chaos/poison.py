"""What does not belong on the bus, and what is on it twice: written by a producer that is not the hub's."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError

from simulation.chaos.ground import Ground

TOPICS = ("offre", "orientation", "attribution")
REPLAYED = 60
"""Last records of each partition that are written once more."""
WAIT_SECONDS = 20.0

Header = tuple[str, bytes | None]
Poison = tuple[bytes | None, list[Header]]


def poisons(chance: Random, now: datetime) -> list[Poison]:
    """One of each kind, as (value, headers)."""
    body = json.dumps({"clair": {}, "scelle": []}).encode()
    novelty = json.dumps({"clair": {"place": _uuid(chance), "nouveaute": "?"}, "scelle": []}).encode()
    vacancy = "fr.siao.offre.place.vacante.v"
    return [
        (body, [*_headers(chance, f"{vacancy}1", now), ("ce_traceparent", None), ("ce_id", None)]),
        (body, [*_headers(chance, f"{vacancy}1", now), ("ce_type", b"\xff\xfe")]),
        (None, _headers(chance, f"{vacancy}1", now)),
        (body, _headers(chance, "fr.siao.offre.place.teleportee.v1", now)),
        (novelty, _headers(chance, f"{vacancy}2", now)),
        (novelty, _headers(chance, f"{vacancy}1", now)),
    ]


@contextmanager
def poured(ground: Ground, chance: Random) -> Iterator[None]:
    """Null header, header that is no text, tombstone, unknown type, newer version, unknown field."""

    async def pour(producer: AIOKafkaProducer) -> None:
        for value, headers in poisons(chance, datetime.now(UTC)):
            topic = ground.topic(chance.choice(TOPICS))
            await producer.send_and_wait(topic, value, key=_uuid(chance).encode(), headers=headers)
            ground.did["poison"] += 1

    asyncio.run(_produce(ground.bootstrap, pour))
    yield


@contextmanager
def replayed(ground: Ground, chance: Random) -> Iterator[None]:
    """The last records of a topic once more: events that come twice change nothing."""
    topic = ground.topic(chance.choice(TOPICS))

    async def repeat(producer: AIOKafkaProducer) -> None:
        for record in await _last(ground.bootstrap, topic):
            await producer.send_and_wait(
                topic, record.value, key=record.key, partition=record.partition, headers=list(record.headers)
            )
            ground.did["replay"] += 1

    asyncio.run(_produce(ground.bootstrap, repeat))
    yield


async def _produce(bootstrap: str, write: Callable[[AIOKafkaProducer], Awaitable[None]]) -> None:
    """A bus that is away takes no poison."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all")
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await producer.start()
            await write(producer)
    except (KafkaError, TimeoutError):
        return
    finally:
        await producer.stop()


async def _last(bootstrap: str, topic: str) -> Sequence[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer._client.force_metadata_update()
        parts = [
            TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        consumer.assign(parts)
        ends = await consumer.end_offsets(parts)
        for part in parts:
            consumer.seek(part, max(0, ends[part] - REPLAYED))
        found = await consumer.getmany(*parts, timeout_ms=2000)
        return [record for part in parts for record in found.get(part, ())]
    finally:
        await consumer.stop()


def _headers(chance: Random, kind: str, now: datetime) -> list[Header]:
    ident = _uuid(chance)
    values = {
        "content-type": "application/json",
        "ce_specversion": "1.0",
        "ce_id": ident,
        "ce_type": kind,
        "ce_source": "urn:siao:escale",
        "ce_subject": _uuid(chance),
        "ce_time": now.isoformat(),
        "ce_territoire": "59",
        "ce_correlationid": ident,
    }
    return [(name, value.encode()) for name, value in values.items()]


def _uuid(chance: Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))
