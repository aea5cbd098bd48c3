"""Faults that write records to the hub's Kafka topics with a foreign producer: invalid ones, or copies of
valid ones."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from simulation.chaos.ground import Ground, Missed

TOPICS = ("offre", "orientation", "attribution")
REPLAYED = 60
"""Last records of each partition that are written a second time."""
WAIT_SECONDS = 20.0

Header = tuple[str, bytes | None]


class Poison(NamedTuple):
    """Record for Kafka. `says`: first words of the hub's refusal; None for a valid one."""

    says: str | None
    value: bytes | None
    headers: Sequence[Header]


EMPTY, UNREADABLE = "enregistrement sans contenu", "attribut CloudEvents illisible : ce_type"
FOREIGN = "ailleurs que là où le hub l'écrit"


PART = {"classe": 2, "titulaire": str(UUID(int=1)), "nonce": "", "texte": ""}
"""Sealed part with fields of valid type, for an invalid record."""


def poisons(chance: Random, now: datetime) -> list[Poison]:
    """Return one invalid record of each kind."""
    body = json.dumps({"clair": {}, "scelle": []}).encode()
    novelty = json.dumps({"clair": {"place": _uuid(chance), "nouveaute": "?"}, "scelle": []}).encode()
    unsealable = json.dumps({"clair": {}, "scelle": [{**PART, "titulaire": 5}]}).encode()
    vacancy = "fr.siao.offre.place.vacante.v"

    def record(says: str, value: bytes | None, kind: str, *more: Header) -> Poison:
        return Poison(says, value, [*_headers(chance, _uuid(chance), kind, now), *more])

    return [
        record(FOREIGN, body, f"{vacancy}1", ("ce_traceparent", None), ("ce_id", None)),
        record(UNREADABLE, body, f"{vacancy}1", ("ce_type", b"\xff\xfe")),
        record(EMPTY, None, f"{vacancy}1"),
        record(FOREIGN, body, "fr.siao.offre.place.teleportee.v1"),
        record(FOREIGN, novelty, f"{vacancy}2"),
        record(FOREIGN, novelty, f"{vacancy}1"),
        record(FOREIGN, unsealable, f"{vacancy}1"),
    ]


def said_of(record: ConsumerRecord[bytes, bytes]) -> str | None:
    """Return the first words of the expected refusal of a record; None for a valid one.

    An invalid one has a key that is not its subject.
    """
    if record.value is None:
        return EMPTY
    kinds = [value for name, value in record.headers if name == "ce_type"]
    if len(kinds) > 1:
        return UNREADABLE
    return None if record.key == dict(record.headers)["ce_subject"] else FOREIGN


@contextmanager
def poured(ground: Ground, chance: Random) -> Iterator[None]:
    """Write invalid records of all kinds to Kafka. Raises Missed if it is down."""
    before = ground.did["poison"]

    async def pour(producer: AIOKafkaProducer) -> None:
        for poison in poisons(chance, datetime.now(UTC)):
            topic, key = ground.topic(chance.choice(TOPICS)), _uuid(chance).encode()
            await _write(ground, producer, poison, topic, key)
            ground.did["poison"] += 1

    asyncio.run(_produce(ground.bootstrap, pour))
    if ground.did["poison"] == before:
        raise Missed
    yield


@contextmanager
def replayed(ground: Ground, chance: Random) -> Iterator[None]:
    """Write the last records of a topic a second time, which must change nothing. Raises Missed if Kafka is
    down."""
    topic, before = ground.topic(chance.choice(TOPICS)), ground.did["replay"]

    async def repeat(producer: AIOKafkaProducer) -> None:
        for record in await _last(ground.bootstrap, topic):
            copy = Poison(said_of(record), record.value, list(record.headers))
            await _write(ground, producer, copy, topic, record.key, record.partition)
            ground.did["replay"] += 1

    asyncio.run(_produce(ground.bootstrap, repeat))
    if ground.did["replay"] == before:
        raise Missed
    yield


async def _write(
    ground: Ground,
    producer: AIOKafkaProducer,
    record: Poison,
    topic: str,
    key: bytes | None,
    partition: int | None = None,
) -> None:
    """Write a record to Kafka, and enter an invalid one into the ledger.

    Raises without a confirmation.
    """
    sending = producer.send_and_wait(
        topic, record.value, key=key, partition=partition, headers=list(record.headers)
    )
    try:
        written = await sending
    except (KafkaError, TimeoutError, asyncio.CancelledError):
        if record.says is not None:
            ground.ledger.doubt(record.says)
        raise
    if record.says is not None:
        place = (written.topic, written.partition, written.offset)
        ground.ledger.note(place, record.says)


async def _produce(bootstrap: str, write: Callable[[AIOKafkaProducer], Awaitable[None]]) -> None:
    """Call `write` with a new producer; end silently if Kafka is down or too slow."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await producer.start()
            await write(producer)
    except (KafkaError, TimeoutError):
        return
    finally:
        await producer.stop()


async def _last(bootstrap: str, topic: str) -> Sequence[ConsumerRecord[bytes, bytes]]:
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


def _headers(chance: Random, ident: str, kind: str, now: datetime) -> list[Header]:
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
