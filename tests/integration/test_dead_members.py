"""A worker that was killed is out of the group as soon as another joins: nobody waits for the end of its session."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from router.applying import group
from router.process.os_process import identity_of
from router.process.topics_admin import ensure_topics
from router.settings import KafkaSettings
from tests.integration import beside
from tests.integration.waiting import until
from tests.integration.world import World

MEMBER = """
import asyncio, sys
from aiokafka import AIOKafkaConsumer
from contracts.topics import TOPICS
from router.applying.group import client_id

async def join(bootstrap, prefix, group):
    long_ms = 300_000
    consumer = AIOKafkaConsumer(
        *(topic.name(prefix) for topic in TOPICS.values()), bootstrap_servers=bootstrap, group_id=group,
        client_id=client_id(), session_timeout_ms=long_ms, rebalance_timeout_ms=long_ms, enable_auto_commit=False,
    )
    await consumer.start()
    print("joined", flush=True)
    await asyncio.Event().wait()

asyncio.run(join(*sys.argv[1:]))
"""
"""A worker for whom the group would wait for five minutes."""


@contextmanager
def member(kafka: KafkaSettings) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is in the group, and reads nothing."""
    told = [kafka.bootstrap, kafka.prefix, group.group_of(kafka)]
    process = subprocess.Popen([sys.executable, "-c", MEMBER, *told], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"joined\n"
        yield process
    finally:
        process.kill()
        process.communicate()


async def test_a_worker_that_starts_gets_the_partitions_of_one_that_was_killed(prepared: World) -> None:
    await ensure_topics(prepared.settings.kafka)
    with member(prepared.settings.kafka) as killed:
        killed.kill()
        killed.wait()
        await prepared.start()
        await prepared.known_place()


async def test_a_worker_that_stands_still_is_left_in_the_group(prepared: World) -> None:
    kafka = prepared.settings.kafka
    await ensure_topics(kafka)
    with member(kafka) as frozen, member(kafka) as killed:
        names = {process.pid: f"siao-hub-worker {identity_of(process.pid)}" for process in (frozen, killed)}
        frozen.send_signal(signal.SIGSTOP)
        killed.kill()

        async def cleared() -> bool:
            return names[killed.pid] not in await prepared.bus.members()

        async with beside.work(group.take_out_the_dead(kafka)):
            await until(cleared, "l'ouvrier tué est sorti du groupe")
            assert await prepared.bus.members() == {names[frozen.pid]}
