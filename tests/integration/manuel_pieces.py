"""The pages of the handbook about processes, PostgreSQL and Kafka are run, on parts of their own."""

import asyncio
import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from deploy.local.kafka import KafkaCluster, kafka_cluster
from deploy.local.postgres import PostgresServer
from ops.status.findings import Code
from router.domain.roles import Role
from router.settings import DatabaseSettings, KafkaSettings, Settings
from tests.integration import accidents
from tests.integration.apart import HubApart
from tests.integration.desk import siao_hub
from tests.integration.messages import vacancy
from tests.integration.pages import inline, is_found, is_over, look, machine, worded
from tests.integration.seen import vitals
from tests.integration.waiting import until
from tests.integration.world import World

CENTRE = "centre"


@pytest.fixture
def kafka() -> Iterator[KafkaCluster]:
    """A broker of this test's own."""
    with kafka_cluster() as cluster:
        cluster.start()
        yield cluster


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Those of a hub whose parts are this test's own, where it asks for them: a broker takes long to start."""
    changes: dict[str, object] = {}
    if "postgres" in request.fixturenames:
        own: PostgresServer = request.getfixturevalue("postgres")
        changes["database"] = DatabaseSettings(url=own.url, schema_name=settings.database.schema_name)
    if "kafka" in request.fixturenames:
        bus: KafkaCluster = request.getfixturevalue("kafka")
        changes["kafka"] = KafkaSettings(bootstrap=bus.bootstrap, prefix=settings.kafka.prefix)
    return settings.model_copy(update=changes)


async def arrives(world: World, place: str) -> None:
    """What the centre says now is accepted, and comes to the SIAO."""
    before = len(world.siao.messages)
    await world.accepted(CENTRE, vacancy(place))
    await comes(world, before)


async def comes(world: World, before: int) -> None:
    """The SIAO receives one more than before."""
    await until(lambda: len(world.siao.messages) > before, "le SIAO le reçoit")


async def process_of(world: World, role: Role) -> int | None:
    """The number of the process that has this role, as its last sign of life says; None while nobody can tell."""
    beats = [beat for beat in (await vitals(world)).beats if beat.role is role]
    return max(beats, key=lambda beat: beat.started_at).pid if beats else None


async def test_the_page_of_a_role_finds_the_frozen_process_and_wakes_it_and_one_that_is_killed_comes_back(
    prepared: World, tmp_path: Path
) -> None:
    world = prepared
    async with HubApart(world.settings, tmp_path).running():
        await until(lambda: is_over(world, Code.ROLE_MUET), "tous les rôles battent")
        frozen = await until(lambda: process_of(world, Role.WORKER), "son processus est connu")
        os.kill(frozen, signal.SIGSTOP)
        await until(lambda: is_found(world, Code.ROLE_MUET), "le rôle muet est constaté")
        await look(world, "role", {}, {"status": "« worker » : aucun processus vivant"})
        shown = await machine("role", "ps -C", {})
        assert re.search(rf"^ *{frozen} +T", shown, re.MULTILINE), shown
        await machine("role", "kill -CONT", {"PID": str(frozen)})
        await until(lambda: is_over(world, Code.ROLE_MUET), "il bat de nouveau")
        await arrives(world, "M-1")

        os.kill(frozen, signal.SIGKILL)

        async def is_back() -> bool:
            return await process_of(world, Role.WORKER) not in (None, frozen)

        await until(is_back, "un processus tué est repris seul")
        await arrives(world, "M-2")


class Away(NamedTuple):
    """How a part stops to answer and is mended, and how `status` names that."""

    breaks: Callable[[], None]
    mends: Callable[[], None]
    said: str


async def test_the_page_of_the_database_tells_what_is_wrong_with_it_and_the_hub_goes_on_by_itself(
    world: World, postgres: PostgresServer
) -> None:
    where = {"-h …": "127.0.0.1", "-p …": str(postgres.port)}
    for away in (
        Away(postgres.stop, postgres.start, "PostgreSQL est absent"),
        Away(postgres.freeze, postgres.thaw, "PostgreSQL est gelé"),
    ):
        await asyncio.to_thread(away.breaks)
        entered = asyncio.create_task(world.send(CENTRE, vacancy("M-0")))
        await until(lambda: is_found(world, Code.BASE), away.said)
        await look(world, "base", {}, {"status": away.said})
        assert "no response" in await machine("base", "pg_isready", where)
        assert (await world.send(CENTRE, vacancy("M-1")))[0] == 503
        assert (await entered)[0] == 503, "aussi qui était déjà entré"
        await asyncio.to_thread(away.mends)
        assert "accepting" in await machine("base", "pg_isready", where)
        await until(lambda: is_over(world, Code.BASE), "la base répond")
        await until(world.ready, "le hub reprend seul")
        await arrives(world, f"M-{len(world.siao.messages) + 2}")


@pytest.mark.usefixtures("postgres")
async def test_the_page_of_the_database_makes_the_tables_that_are_missing(world: World) -> None:
    await world.stop()
    await accidents.all_tables_are_gone(world)
    await until(lambda: is_found(world, Code.BASE), "les tables manquent")
    await look(world, "base", {}, {"status": "n'a pas les tables de cette version"})
    (migrate,) = (each for each in inline("base") if each == "migrate")
    answer = await siao_hub(world.settings, *worded(migrate, {}))
    assert answer.status == 0, answer.text + answer.errors
    await until(lambda: is_over(world, Code.BASE), "les tables sont là")


async def test_the_page_of_kafka_tells_absent_from_frozen_and_what_was_accepted_leaves_afterwards(
    world: World, kafka: KafkaCluster
) -> None:
    (node,) = kafka.nodes
    for number, away in enumerate(
        (
            Away(kafka.stop, kafka.start, "Kafka est absent"),
            Away(node.freeze, node.thaw, "Kafka est gelé"),
        )
    ):
        before = len(world.siao.messages)
        await asyncio.to_thread(away.breaks)
        await until(lambda: is_found(world, Code.BUS), away.said)
        await look(world, "bus", {}, {"status": away.said})
        await world.accepted(CENTRE, vacancy(f"K-{number}"))
        await asyncio.to_thread(away.mends)
        await until(lambda: is_over(world, Code.BUS), "Kafka répond")
        await comes(world, before)
