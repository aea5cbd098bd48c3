"""The topics on a real broker: made where they are missing, and what the broker will not make is said."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from contracts.errors import BusUnavailable
from contracts.topics import OFFRE
from router.process.topics_admin import ensure_topics, partitions_of
from router.settings import Settings
from tests.integration.messages import vacancy
from tests.integration.world import World


async def test_topics_that_are_there_are_left_alone(settings: Settings) -> None:
    await ensure_topics(settings.kafka)
    await ensure_topics(settings.kafka)


async def test_a_broker_that_will_not_make_a_topic_is_quoted_with_its_reason(settings: Settings) -> None:
    of_three = settings.kafka.model_copy(update={"replication": 3})
    with pytest.raises(BusUnavailable, match=r"refuse de créer le topic .*InvalidReplicationFactor"):
        await ensure_topics(of_three)


async def test_an_installation_whose_topic_has_more_partitions_than_a_new_one_goes_on(
    prepared: World,
) -> None:
    world, name = prepared, OFFRE.name(prepared.settings.kafka.prefix)
    many = 2 * OFFRE.partitions
    admin = AIOKafkaAdminClient(bootstrap_servers=world.settings.kafka.bootstrap)
    await admin.start()
    try:
        await ensure_topics(world.settings.kafka)
        await admin.create_partitions({name: NewPartitions(many)})
        await world.start()
        await world.accepted("centre", [vacancy(f"A-{n}") for n in range(20)])
        await world.settled()
        assert len(world.siao.of_type("place.vacante")) == 20
        assert await world.quarantined() == []
        assert len([each for each in await partitions_of(world.settings.kafka) if each.topic == name]) == many
        await world.stop()
        await admin.delete_topics([name])
    finally:
        await admin.close()
