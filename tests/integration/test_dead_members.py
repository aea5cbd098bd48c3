"""A worker that was killed is out of the group as soon as another joins: nobody waits for the end of its session."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from aiokafka import AIOKafkaConsumer

from contracts.topics import TOPICS
from deploy.local.process import wait_until_gone
from router.applying import group
from router.process.os_process import identity_of
from router.process.topics_admin import ensure_topics
from router.settings import KafkaSettings
from tests.integration import beside
from tests.integration.desk import FORKS
from tests.integration.waiting import DEADLINE_SECONDS, until
from tests.integration.world import World

LONG_MILLISECONDS = 300_000


def join(kafka: KafkaSettings, joined: Event) -> None:
    """Be a worker for whom the group would wait for five minutes."""

    async def joining() -> None:
        consumer = AIOKafkaConsumer(
            *(topic.name(kafka.prefix) for topic in TOPICS.values()),
            bootstrap_servers=kafka.bootstrap,
            group_id=group.group_of(kafka),
            client_id=group.client_id(),
            session_timeout_ms=LONG_MILLISECONDS,
            rebalance_timeout_ms=LONG_MILLISECONDS,
            enable_auto_commit=False,
        )
        await consumer.start()
        joined.set()
        await asyncio.Event().wait()

    asyncio.run(joining())


@contextmanager
def member(kafka: KafkaSettings) -> Iterator[int]:
    """A process that is in the group, and reads nothing. Gives its id."""
    joined = FORKS.Event()
    process = FORKS.Process(target=join, args=(kafka, joined))
    process.start()
    try:
        assert joined.wait(DEADLINE_SECONDS)
        assert process.pid is not None
        yield process.pid
    finally:
        process.kill()
        process.join()


async def test_a_worker_that_starts_gets_the_partitions_of_one_that_was_killed(prepared: World) -> None:
    await ensure_topics(prepared.settings.kafka)
    with member(prepared.settings.kafka) as killed:
        os.kill(killed, signal.SIGKILL)
        wait_until_gone([killed])
        await prepared.start()
        await prepared.known_place()


async def test_a_worker_that_stands_still_is_left_in_the_group(prepared: World) -> None:
    kafka = prepared.settings.kafka
    await ensure_topics(kafka)
    with member(kafka) as frozen, member(kafka) as killed:
        names = {pid: f"siao-hub-worker {identity_of(pid)}" for pid in (frozen, killed)}
        os.kill(frozen, signal.SIGSTOP)
        os.kill(killed, signal.SIGKILL)

        async def cleared() -> bool:
            members = await prepared.bus.members()  # nobody while Kafka does not answer
            return names[frozen] in members and names[killed] not in members

        async with beside.work(group.take_out_the_dead(kafka)):
            await until(cleared, "l'ouvrier tué est sorti du groupe, et celui qui est gelé y reste")
