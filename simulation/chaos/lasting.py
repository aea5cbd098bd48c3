"""Faults that take what should last: all that Kafka holds, or what nobody has read of it yet."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from contracts.topics import TOPICS
from router.workers import GROUP
from simulation.chaos.ground import Ground

T = TypeVar("T")

SHORT_MILLISECONDS = 500
PATIENCE_SECONDS = 60.0
REST_SECONDS = 0.5


@contextmanager
def kafka_lost(ground: Ground, _: Random) -> Iterator[None]:
    """Every node at once, with its data: the same addresses, and nothing in them."""
    ground.crew.kills["kafka-lost"] += 1
    for node in ground.nodes:
        node.kill9()
    ground.ledger.bus_is_lost(ground.hub.quarantined())
    yield
    for node in ground.nodes:
        node.lose_data()
        node.launch()
    for node in ground.nodes:
        node.wait_until_it_answers([each.node_id for each in ground.nodes])


@contextmanager
def short_retention(ground: Ground, _: Random) -> Iterator[None]:
    """No worker reads while the bus keeps nothing: what is published meanwhile is deleted unread."""
    with ground.crew.without("worker"):
        ground.ledger.bus_is_lost(ground.hub.quarantined())
        _persistently(lambda: _retain(ground, SHORT_MILLISECONDS))
        yield
        ground.did["retention"] += _persistently(lambda: _deleted_unread(ground))
        _persistently(lambda: _retain(ground, None))


def _persistently(ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Ask a bus that may be about to come back. Raises KafkaError past a deadline."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return asyncio.run(ask())
        except (KafkaError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(REST_SECONDS)


async def _retain(ground: Ground, milliseconds: int | None) -> None:
    """How long topics keep records; None is as the hub made them."""
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.bootstrap)
    await admin.start()
    try:
        usual = {
            "min.insync.replicas": ground.stage.environment["SIAO_HUB_KAFKA__MIN_INSYNC_REPLICAS"],
            "message.timestamp.type": "LogAppendTime",
        }
        wanted = []
        for topic in TOPICS.values():
            kept = int(topic.retention.total_seconds() * 1000) if milliseconds is None else milliseconds
            name, configs = ground.topic(topic.groupe), {**usual, "retention.ms": str(kept)}
            wanted.append(ConfigResource(ConfigResourceType.TOPIC, name, configs=configs))
        for response in await admin.alter_configs(wanted):
            if failed := [code for code, *_ in response.resources if code]:
                raise KafkaError(f"alter_configs: {failed}")
    finally:
        await admin.close()


async def _deleted_unread(ground: Ground) -> int:
    """Records between where the workers stopped and where the topics now begin."""
    group = f"{ground.stage.environment['SIAO_HUB_KAFKA__PREFIX']}.{GROUP}"
    consumer = AIOKafkaConsumer(bootstrap_servers=ground.bootstrap, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        parts = [
            TopicPartition(ground.topic(topic.groupe), number)
            for topic in TOPICS.values()
            for number in range(topic.partitions)
        ]
        consumer.assign(parts)
        begins = await consumer.beginning_offsets(parts)
        read = {part: await consumer.committed(part) or 0 for part in parts}
        return sum(max(0, begins[part] - read[part]) for part in parts)
    finally:
        await consumer.stop()
