"""The hub's topics for tests. A test that leaves its topics intact gives them back, and the next one gets them
emptied under the same name, because making and deleting topics costs more than most tests."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError, NotLeaderForPartitionError

from contracts.topics import HEADS, STAMPS, TOPICS
from router.applying.group import group_of
from router.settings import KafkaSettings

UP_TO_THE_END = RecordsToDelete(before_offset=-1)
LEADERS_SECONDS = 60


@asynccontextmanager
async def lent_prefix(bootstrap: str, free: list[str]) -> AsyncIterator[str]:
    """Give a prefix whose topics are empty, a free one if there is any. When the block ends, its topics are emptied
    and it is free again, or they are deleted."""
    name = free.pop() if free else f"test-{secrets.token_hex(6)}."
    yield name
    if await given_back(bootstrap, name):
        free.append(name)


async def given_back(bootstrap: str, prefix: str) -> bool:
    """Empty the topics with a test's messages, and delete its other topics.

    Return False if all of them had to be deleted: one was missing, or the workers' group still has members.
    """
    hub = KafkaSettings(bootstrap=bootstrap, prefix=f"{prefix}siao")
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        own = {topic for topic in await admin.list_topics() if topic.startswith(prefix)}
        kept = {topic.name(hub.prefix): topic.partitions for topic in (*TOPICS.values(), HEADS, STAMPS)}
        if not kept.keys() <= own or not await _nobody_reads(admin, group_of(hub)):
            kept = {}
        await _empty(admin, [TopicPartition(name, n) for name, number in kept.items() for n in range(number)])
        if others := own - kept.keys():
            await admin.delete_topics(list(others))
        return bool(kept)
    finally:
        await admin.close()


async def without_heads(kafka: KafkaSettings) -> None:
    """Empty the topics of the audit, those of them that are there."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    try:
        ours = {each.name(kafka.prefix) for each in (HEADS, STAMPS)} & {*await admin.list_topics()}
        await _empty(admin, [TopicPartition(name, 0) for name in ours])
    finally:
        await admin.close()


async def drop_all(bootstrap: str, prefixes: Sequence[str]) -> None:
    """Delete all topics with these prefixes."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if own := [topic for topic in await admin.list_topics() if topic.startswith(tuple(prefixes))]:
            await admin.delete_topics(own)
    finally:
        await admin.close()


async def _empty(admin: AIOKafkaAdminClient, partitions: Sequence[TopicPartition]) -> None:
    """Delete the records of these partitions. Waits until all have a leader, because some may be very new."""
    async with asyncio.timeout(LEADERS_SECONDS):
        while True:
            try:
                await admin.delete_records(dict.fromkeys(partitions, UP_TO_THE_END))
            except NotLeaderForPartitionError:
                await asyncio.sleep(0.05)
            else:
                return


async def _nobody_reads(admin: AIOKafkaAdminClient, group: str) -> bool:
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    except KafkaError:
        return False
    return all(state in ("Empty", "Dead") for _, _, state, *_ in answer.groups)
