"""The hub's topics for a test: those of a test that has ended, emptied, or none yet.

The hub makes the topics that it does not find. A test that leaves them as they were gives them back, and the next one
gets them under the same name, without a record and without a group that has read them.
"""

import secrets
from collections import defaultdict

from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupIdNotFound, NoError
from aiokafka.protocol.admin import DeleteGroupsRequest
from aiokafka.structs import TopicPartition

from contracts.topics import HEADS, STAMPS, TOPICS
from router.applying.group import group_of
from router.settings import KafkaSettings

KEPT = (*TOPICS.values(), HEADS, STAMPS)
"""Topics that can be emptied. The journal cannot: Kafka deletes no record of a compacted topic."""
TO_THE_END = -1

_free: dict[str, list[str]] = defaultdict(list)
"""Prefixes of topics that wait for a test, by their broker."""


def begins_with(bootstrap: str) -> str:
    """What the names of a test's topics begin with."""
    return _free[bootstrap].pop() if _free[bootstrap] else f"test-{secrets.token_hex(6)}."


async def give_back(bootstrap: str, beginning: str) -> None:
    """Keep the hub's topics of a test for another one, if it leaves all of them and nobody reads them any more. Delete
    its other topics."""
    kafka = KafkaSettings(bootstrap=bootstrap, prefix=f"{beginning}siao")
    kept = {
        TopicPartition(topic.name(kafka.prefix), number)
        for topic in KEPT
        for number in range(topic.partitions)
    }
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        gone = {topic for topic in await admin.list_topics() if topic.startswith(beginning)}
        if {topic for topic, _ in kept} <= gone and await _is_forgotten(kafka):
            await admin.delete_records(dict.fromkeys(kept, RecordsToDelete(TO_THE_END)))
            gone -= {topic for topic, _ in kept}
            _free[bootstrap].append(beginning)
        if gone:
            await admin.delete_topics(list(gone))
    finally:
        await admin.close()


async def delete_all(bootstrap: str) -> None:
    """Delete the topics that wait for a test."""
    names = [topic.name(f"{beginning}siao") for beginning in _free.pop(bootstrap, []) for topic in KEPT]
    if not names:
        return
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.delete_topics(names)
    finally:
        await admin.close()


async def _is_forgotten(kafka: KafkaSettings) -> bool:
    """Whether no workers' group is left of this hub, nor what it has read. A group that has members stays."""
    client = AIOKafkaClient(bootstrap_servers=kafka.bootstrap)
    await client.bootstrap()
    try:
        answer = await client.send(client.get_random_node(), DeleteGroupsRequest([group_of(kafka)]))
    finally:
        await client.close()
    return {code for _, code in answer.results} <= {NoError.errno, GroupIdNotFound.errno}
