"""The topics on a real broker: made where they are missing, and what the broker will not make is said."""

import pytest

from contracts.errors import BusUnavailable
from router.process.topics_admin import ensure_topics
from router.settings import Settings


async def test_topics_that_are_there_are_left_alone(settings: Settings) -> None:
    await ensure_topics(settings.kafka)
    await ensure_topics(settings.kafka)


async def test_a_broker_that_will_not_make_a_topic_is_quoted_with_its_reason(settings: Settings) -> None:
    of_three = settings.kafka.model_copy(update={"replication": 3})
    with pytest.raises(BusUnavailable, match=r"refuse de créer le topic .*InvalidReplicationFactor"):
        await ensure_topics(of_three)
