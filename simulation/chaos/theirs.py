"""Fault of a partner's own Kafka: its topics accept no record."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from simulation.chaos.ground import Ground
from simulation.chaos.patience import persistently

MORE_THAN_THERE_ARE = "4"
"""More replicas than there are brokers, so that a topic refuses every record."""


@contextmanager
def closed(ground: Ground, _: Random) -> Iterator[None]:
    persistently(lambda: _copies(ground, MORE_THAN_THERE_ARE))
    yield
    persistently(lambda: _copies(ground, "1"))


async def _copies(ground: Ground, number: str) -> None:
    partner = ground.with_topics
    admin = AIOKafkaAdminClient(bootstrap_servers=ground.bootstrap)
    await admin.start()
    try:
        wanted = [
            ConfigResource(ConfigResourceType.TOPIC, topic, configs={"min.insync.replicas": number})
            for topic in (partner.said, partner.heard)
        ]
        for response in await admin.alter_configs(wanted):
            if failed := [code for code, *_ in response.resources if code]:
                raise KafkaError(f"alter_configs: {failed}")
    finally:
        await admin.close()
