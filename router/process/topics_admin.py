"""Create the hub's missing topics on Kafka, list their partitions, and check whether Kafka can be reached.

A record gets the time at which the broker stored it. After a restore of the database, the records can then be
read again from a given moment on.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    NoError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from connectors.unbroken import connected
from contracts.errors import BusUnavailable, Misconfigured
from contracts.topics import HEADS, JOURNAL, STAMPS, TOPICS, Topic
from router.domain.vitals import Answer
from router.settings import KafkaSettings
from router.settings.lines import kafka_options

PROBE_SECONDS = 2.0
NO_RIGHT = (ClusterAuthorizationFailedError, GroupAuthorizationFailedError, TopicAuthorizationFailedError)
"""Errors by which Kafka says that the hub's account lacks a right."""
MAX_MESSAGE_BYTES = 2 * 1024 * 1024
"""Largest size of a record in the hub's topics. All events of the hub are smaller."""


async def ensure_topics(settings: KafkaSettings) -> None:
    """Create the hub's topics that do not exist yet, and leave existing topics unchanged. Raises BusUnavailable,
    with a message in French, if no broker answers, or if Kafka refuses to create a topic."""
    admin = AIOKafkaAdminClient(**kafka_options(settings), client_id="siao-hub-admin")
    try:
        async with connected(admin.start, admin.close):
            known = set(await admin.list_topics())
            answer = await admin.create_topics([t for t in _wanted(settings) if t.name not in known])
    except (KafkaError, OSError) as exc:
        raise BusUnavailable(what_bus_says(exc)) from exc
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if error not in (NoError, TopicAlreadyExistsError):
            raise BusUnavailable(f"Kafka refuse de créer le topic {name} : {_named(error)}")


async def is_reachable(settings: KafkaSettings) -> bool:
    """Return whether a broker of Kafka answers."""
    return await probe(settings) is Answer.OK


async def probe(settings: KafkaSettings) -> Answer:
    """Ask at each of Kafka's addresses in the settings whether a broker answers. Return the best result: the one
    that comes first in `Answer`. An address that stays silent for `PROBE_SECONDS` counts as `MUET`."""
    addresses = settings.bootstrap.split(",")
    answers = await asyncio.gather(*(_asked(settings, address) for address in addresses))
    return min(answers, key=list(Answer).index)


def what_bus_says(exc: Exception) -> str:
    """Say in French why Kafka cannot be used, according to the error `exc`."""
    if isinstance(exc, BusUnavailable):
        return str(exc)
    return f"Kafka {'refuse' if isinstance(exc, NO_RIGHT) else 'ne répond pas'} ({_named(type(exc))})"


def _named(error: type[Exception]) -> str:
    return error.__name__ + (", droits à donner : « python -m deploy.kafka »" if error in NO_RIGHT else "")


async def partitions_of(settings: KafkaSettings) -> list[TopicPartition]:
    """Return all partitions of this installation's topics of events. Raises KafkaError if no broker answers."""
    admin = AIOKafkaAdminClient(**kafka_options(settings), client_id="siao-hub-admin")
    async with connected(admin.start, admin.close):
        found = await admin.describe_topics([topic.name(settings.prefix) for topic in TOPICS.values()])
    return [TopicPartition(each["topic"], part["partition"]) for each in found for part in each["partitions"]]


def configs_of(topic: Topic, settings: KafkaSettings) -> dict[str, str]:
    """Return the configuration with which the hub creates a topic."""
    kept = {"retention.ms": str(int(topic.retention.total_seconds() * 1000))}
    return {
        **({"cleanup.policy": "compact"} if topic.compacted else kept),
        "min.insync.replicas": str(settings.min_insync_replicas),
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
    }


def _wanted(settings: KafkaSettings) -> list[NewTopic]:
    return [
        NewTopic(
            name=topic.name(settings.prefix),
            num_partitions=topic.partitions,
            replication_factor=settings.replication,
            topic_configs=configs_of(topic, settings),
        )
        for topic in (*TOPICS.values(), HEADS, STAMPS, JOURNAL)
    ]


async def _asked(settings: KafkaSettings, address: str) -> Answer:
    began = time.monotonic()
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            if not await _listens(address):
                return Answer.ABSENT
        await _bootstrapped({**kafka_options(settings), "bootstrap_servers": address})
    except TimeoutError:
        return Answer.MUET
    except (KafkaError, Misconfigured):  # the client also reports its time-outs as connection errors
        return Answer.MUET if time.monotonic() - began >= PROBE_SECONDS else Answer.REFUSE
    return Answer.OK


async def _bootstrapped(options: Mapping[str, Any]) -> None:
    client = AIOKafkaClient(
        **options, client_id="siao-hub-probe", request_timeout_ms=int(1000 * PROBE_SECONDS)
    )
    async with connected(client.bootstrap, client.close):
        pass


async def _listens(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except (OSError, ValueError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True
