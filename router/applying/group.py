"""The consumer group of the workers, and how it gets rid of members that are dead.

Kafka waits for a member that was killed until its session ends; one that was killed while it joined it waits for in
each phase of the join. So every member says by its client id which process it is, and whoever joins takes those out
that are dead for certain (`router.process.births`).
"""

import asyncio
import os

import structlog
from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import KafkaError, NoError
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.group import LeaveGroupRequest

from connectors.unbroken import unbroken
from router.process.births import birth_of, is_dead
from router.settings import KafkaSettings
from router.settings.lines import kafka_options
from router.triage import cause_of

logger = structlog.get_logger()
SESSION_MILLISECONDS = 6000
"""How long the group waits for a member that died, where nobody can tell that it did: the least that a broker allows
by default."""
LOOK_SECONDS = 0.5
ANSWER_MILLISECONDS = 2000
"""A broker that says nothing for so long is asked again, or another one."""
_CLIENT = "siao-hub-worker"
_MEMBERS = 5
"""Where a described group has them, in every version of the answer."""


def group_of(kafka: KafkaSettings) -> str:
    """The consumer group of an installation's workers."""
    return f"{kafka.prefix}.siao-hub"


def client_id() -> str:
    """How this process names itself to the group."""
    return " ".join(filter(None, (_CLIENT, birth_of(os.getpid()))))


async def take_out_the_dead(kafka: KafkaSettings) -> None:
    """Again and again until cancelled: this process may find them in the group only once it waits for them."""
    while True:
        try:
            await _look(kafka)
        except KafkaError:  # whoever joins says so
            pass
        except Exception as exc:  # noqa: BLE001  without it the join takes longer, and no more
            logger.error("worker.dead_members_unseen", where=cause_of(exc)[1])
        await asyncio.sleep(LOOK_SECONDS)


async def _look(kafka: KafkaSettings) -> None:
    options, group = kafka_options(kafka), group_of(kafka)
    client = AIOKafkaClient(**options, client_id="siao-hub-admin", request_timeout_ms=ANSWER_MILLISECONDS)
    try:
        await unbroken(client.bootstrap())
        node = await client.coordinator_lookup(CoordinationType.GROUP, group)
        (described,) = (await client.send(node, DescribeGroupsRequest([group]))).groups
        for member, said_by, *_ in described[_MEMBERS]:
            birth = said_by.removeprefix(f"{_CLIENT} ")
            if birth != said_by and is_dead(birth):
                answer = await client.send(node, LeaveGroupRequest(group, member))
                if answer.error_code == NoError.errno:
                    logger.info("worker.dead_member_out")
    finally:
        await unbroken(client.close())
