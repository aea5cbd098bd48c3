"""Join the workers' consumer group, and remove dead members from it. In Kafka, the members of a consumer group
share the partitions to read.

Kafka waits for a killed member until the member's session ends. A member that is killed while it joins delays
every phase of the join. So each member names its process in its client id. A joining process removes the
members whose process is certainly dead (`router.process.os_process`).
"""

import asyncio
import os

import structlog
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import KafkaError, NoError
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.group import LeaveGroupRequest

from connectors.unbroken import connected
from router.process.os_process import identity_of, is_dead
from router.settings import KafkaSettings
from router.settings.lines import kafka_options
from router.triage import cause_of

logger = structlog.get_logger()
SESSION_MILLISECONDS = 6000
"""Time without a heartbeat after which Kafka drops a member. Kafka's default settings allow no shorter time.
"""
LOOK_SECONDS = 0.5
ANSWER_MILLISECONDS = 2000
"""Time to wait for a broker's response before the request is sent again."""
_CLIENT = "siao-hub-worker"
# Index of the members in Kafka's description of a consumer group.
_MEMBERS = 5


def group_of(kafka: KafkaSettings) -> str:
    """Return the name of the consumer group of this installation's workers."""
    return f"{kafka.prefix}.siao-hub"


def client_id() -> str:
    """Return the name by which other members of the consumer group recognise this process."""
    return " ".join(filter(None, (_CLIENT, identity_of(os.getpid()))))


async def take_out_the_dead(kafka: KafkaSettings) -> None:
    """Remove from the consumer group the members whose process has died. Repeat this until cancelled, because
    Kafka may list a dead member only after some time."""
    while True:
        try:
            await _look(kafka)
        except KafkaError:  # joining the group then fails too, and logs the error
            pass
        except Exception as exc:  # noqa: BLE001  if this fails, joining only takes longer
            logger.error("worker.dead_members_unseen", where=cause_of(exc)[1])
        await asyncio.sleep(LOOK_SECONDS)


async def _look(kafka: KafkaSettings) -> None:
    options, group = kafka_options(kafka), group_of(kafka)
    client = AIOKafkaClient(**options, client_id="siao-hub-admin", request_timeout_ms=ANSWER_MILLISECONDS)
    async with connected(client.bootstrap, client.close):
        node = await client.coordinator_lookup(CoordinationType.GROUP, group)
        (described,) = (await client.send(node, DescribeGroupsRequest([group]))).groups
        for member, said_by, *_ in described[_MEMBERS]:
            identity = said_by.removeprefix(f"{_CLIENT} ")
            if identity != said_by and is_dead(identity):
                answer = await client.send(node, LeaveGroupRequest(group, member))
                if answer.error_code == NoError.errno:
                    logger.info("worker.dead_member_out")
