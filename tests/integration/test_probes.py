"""Is it away or frozen? Each part is asked by a real exchange, with a deadline."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from deploy.local import Parts
from deploy.local.kafka import KafkaCluster, kafka_cluster
from deploy.local.ports import reserved_ports
from deploy.local.postgres import PostgresServer
from deploy.local.process import wait_until_frozen
from router.domain.vitals import Answer
from router.process.topics_admin import is_reachable, probe
from router.settings import DatabaseSettings, KafkaSettings
from router.store.database import Database
from tests.integration.migrated import migrated


@pytest.fixture
def kafka() -> Iterator[KafkaCluster]:
    """A broker of this test's own."""
    with kafka_cluster() as cluster:
        yield cluster


async def test_a_broker_answers_is_frozen_or_is_away_and_a_frozen_one_is_not_ok(kafka: KafkaCluster) -> None:
    settings = KafkaSettings(bootstrap=kafka.bootstrap)
    assert await probe(settings) is Answer.ABSENT
    await asyncio.to_thread(kafka.start)
    assert await probe(settings) is Answer.OK
    node = kafka.nodes[0]
    node.freeze()
    try:
        assert await probe(settings) is Answer.MUET
        assert not await is_reachable(settings)
    finally:
        node.thaw()
    assert await probe(settings) is Answer.OK


async def test_of_several_addresses_one_that_answers_is_enough(parts: Parts) -> None:
    with reserved_ports(1) as (nobody,):
        both = KafkaSettings(bootstrap=f"127.0.0.1:{nobody},{parts.bootstrap}")
        assert await probe(both) is Answer.OK


async def test_postgresql_without_tables_says_so(postgres: PostgresServer) -> None:
    database = Database(DatabaseSettings(url=postgres.url))
    assert await database.probe() is Answer.VIDE
    await database.close()


async def test_a_frozen_postgresql_is_never_said_to_be_away_however_often_it_is_asked(
    postgres: PostgresServer,
) -> None:
    await migrated(DatabaseSettings(url=postgres.url))
    database = Database(DatabaseSettings(url=postgres.url))
    assert await database.probe() is Answer.OK
    postgres.freeze()
    try:
        asked = [await database.probe() for _ in range(4)]
    finally:
        postgres.thaw()
    assert set(asked) == {Answer.MUET}
    await database.close()


async def test_postgresql_answers_is_frozen_or_is_away(postgres: PostgresServer) -> None:
    await migrated(DatabaseSettings(url=postgres.url))
    database = Database(DatabaseSettings(url=postgres.url))
    assert await database.probe() is Answer.OK
    await database.close()
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGSTOP)
    wait_until_frozen([postgres.pid])
    frozen = Database(DatabaseSettings(url=postgres.url))
    try:
        assert await frozen.probe() is Answer.MUET
    finally:
        os.kill(postgres.pid, signal.SIGCONT)
    await frozen.close()
    await asyncio.to_thread(postgres.stop)
    away = Database(DatabaseSettings(url=postgres.url))
    assert await away.probe() is Answer.ABSENT
    await away.close()


async def test_a_server_that_refuses_the_hub_is_told_from_one_that_is_away(postgres: PostgresServer) -> None:
    database = Database(DatabaseSettings(url=postgres.url.replace("siao:", "personne:", 1)))
    assert await database.probe() is Answer.REFUSE
    await database.close()
