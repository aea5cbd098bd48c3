"""Is it away or frozen? Each part is asked by a real exchange, with a deadline."""

import asyncio
import os
import signal

import pytest

from deploy.local import Parts
from deploy.local.ports import reserved_ports
from deploy.local.postgres import PostgresServer
from deploy.local.process import wait_until_frozen
from router.domain.vitals import Answer
from router.process.topics_admin import probe
from router.settings import DatabaseSettings, KafkaSettings
from router.store import database as database_module
from router.store.database import Database
from tests.integration.migrated import migrated


async def test_of_several_addresses_one_that_answers_is_enough(parts: Parts) -> None:
    with reserved_ports(1) as (nobody,):
        both = KafkaSettings(bootstrap=f"127.0.0.1:{nobody},{parts.bootstrap}")
        assert await probe(both) is Answer.OK


async def test_postgresql_is_away_refuses_the_hub_is_empty_answers_or_is_frozen(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = DatabaseSettings(url=postgres.url)
    refusing = Database(DatabaseSettings(url=postgres.url.replace("siao:", "personne:", 1)))
    assert await refusing.probe() is Answer.REFUSE
    await refusing.close()
    database = Database(settings)
    assert await database.probe() is Answer.VIDE
    await migrated(settings)
    assert await database.probe() is Answer.OK
    monkeypatch.setattr(database_module, "PROBE_SECONDS", 0.2)
    postgres.freeze()
    try:
        asked = [await database.probe() for _ in range(4)]
    finally:
        postgres.thaw()
    assert set(asked) == {Answer.MUET}, "gelé n'est jamais parti, si souvent qu'on le demande"
    await database.close()
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGSTOP)
    wait_until_frozen([postgres.pid])
    frozen = Database(settings)
    try:
        assert await frozen.probe() is Answer.MUET, "celui qui ouvre les connexions suffit"
    finally:
        os.kill(postgres.pid, signal.SIGCONT)
    await frozen.close()
    monkeypatch.setattr(database_module, "PROBE_SECONDS", 30.0)
    await asyncio.to_thread(postgres.stop)
    away = Database(settings)
    assert await away.probe() is Answer.ABSENT
    await away.close()
