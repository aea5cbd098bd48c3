"""Faults that destroy stored data: everything in Kafka, or the unread records."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from contracts.topics import TOPICS
from router.applying.group import group_of
from router.process.topics_admin import configs_of, partitions_of
from simulation.chaos.ground import Ground
from simulation.chaos.kills import KAFKA
from simulation.chaos.patience import persistently

SHORT_MILLISECONDS = 500


@contextmanager
def kafka_lost(ground: Ground, _: Random) -> Iterator[None]:
    """Kill all brokers and delete their data. Afterwards they start empty at the same addresses."""
    ground.kills.hit(KAFKA, ground.nodes)
    ground.ledger.bus_is_lost(ground.hub.quarantined())
    yield
    for node in ground.nodes:
        node.lose_data()
        node.launch()
    for node in ground.nodes:
        node.wait_until_it_answers([each.node_id for each in ground.nodes])


@contextmanager
def short_retention(ground: Ground, _: Random) -> Iterator[None]:
    """Keep the workers away while Kafka retains nothing: records are deleted unread."""
    with ground.crew.without("worker"):
        ground.ledger.bus_is_lost(ground.hub.quarantined())
        persistently(lambda: _retain(ground, SHORT_MILLISECONDS))
        yield
        ground.did["retention"] += persistently(lambda: _deleted_unread(ground))
        persistently(lambda: _retain(ground, None))


async def _retain(ground: Ground, milliseconds: int | None) -> None:
    """Set the retention of the hub's topics; None restores the hub's settings. Raises KafkaError."""
    bus = ground.bus
    admin = AIOKafkaAdminClient(bootstrap_servers=bus.bootstrap)
    await admin.start()
    try:
        short = {} if milliseconds is None else {"retention.ms": str(milliseconds)}
        wanted = [
            ConfigResource(
                ConfigResourceType.TOPIC, topic.name(bus.prefix), configs=configs_of(topic, bus) | short
            )
            for topic in TOPICS.values()
        ]
        for response in await admin.alter_configs(wanted):
            if failed := [code for code, *_ in response.resources if code]:
                raise KafkaError(f"alter_configs: {failed}")
    finally:
        await admin.close()


async def _deleted_unread(ground: Ground) -> int:
    bus = ground.bus
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bus.bootstrap, group_id=group_of(bus), enable_auto_commit=False
    )
    await consumer.start()
    try:
        parts = await partitions_of(bus)
        consumer.assign(parts)
        begins = await consumer.beginning_offsets(parts)
        read = {part: await consumer.committed(part) or 0 for part in parts}
        return sum(max(0, begins[part] - read[part]) for part in parts)
    finally:
        await consumer.stop()
