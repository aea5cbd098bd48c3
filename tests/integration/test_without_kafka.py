"""Kafka comes late, goes away and comes back empty: PostgreSQL remembers, the door stays open. Whoever asks is told."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import aiohttp
import pytest

from deploy.local.kafka import KafkaCluster, kafka_cluster
from deploy.local.ports import reserved_ports
from ops.running.process_health import port_of
from router.applying import workers
from router.domain.roles import Role
from router.domain.vitals import Answer
from router.process import topics_admin
from router.process.topics_admin import is_reachable, probe
from router.settings import HealthSettings, KafkaSettings, RelaySettings, Settings
from tests.integration.messages import cancellation, referral, vacancy
from tests.integration.waiting import until
from tests.integration.world import World


@pytest.fixture(scope="module")
def kafka() -> Iterator[KafkaCluster]:
    """A broker of these tests' own, which the first one starts."""
    with kafka_cluster() as cluster:
        yield cluster


@pytest.fixture
def settings(settings: Settings, kafka: KafkaCluster) -> Settings:
    own = KafkaSettings(bootstrap=kafka.bootstrap, prefix=settings.kafka.prefix)
    return settings.model_copy(update={"kafka": own, "relay": RelaySettings(window=8, overdue_s=5.0)})


async def accepted(world: World) -> bool:
    with suppress(aiohttp.ClientError):
        return (await world.send("centre", vacancy("A-1")))[0] == 202
    return False


async def test_while_the_bus_is_away_the_door_accepts_and_all_is_delivered_in_order_when_it_is_there(
    prepared: World, kafka: KafkaCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes late, then loses everything that it had."""
    world = prepared
    monkeypatch.setattr(
        workers, "METADATA_MILLISECONDS", 500
    )  # it asks without pause for what the broker has lost
    starting = asyncio.create_task(world.start())
    await until(lambda: accepted(world), "la porte est ouverte avant que le bus ne réponde")
    await asyncio.to_thread(kafka.start)
    await starting
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    place = world.siao.messages[0]["place"]["identifiantExterne"]

    await asyncio.to_thread(kafka.kill9)
    assert (await world.send("siao-01", referral(place, 1)))[0] == 202
    assert (await world.send("siao-01", cancellation(1)))[0] == 202
    for n in range(20):
        assert (await world.send("centre", vacancy(f"B-{n}")))[0] == 202
    for n in range(1, 13):
        assert (await world.send("centre", vacancy("C-1", capacite=n)))[0] == 202
    assert await world.ready(), "la porte accepte"
    assert len(await world.backlog()) == 34

    for node in kafka.nodes:
        node.lose_data()
    await asyncio.to_thread(kafka.start)
    await until(lambda: len(world.shelter.messages) == 2, "orientation et annulation arrivent au centre")
    assert [m["type"] for m in world.shelter.messages] == ["orientation.proposee", "orientation.annulee"]
    await until(lambda: len(world.siao.of_type("place.vacante")) >= 33, "les vacances arrivent au SIAO")
    await world.settled()
    assert len(world.shelter.messages) == 2, "et rien n'y arrive deux fois"
    assert len({m["place"]["identifiantExterne"] for m in world.siao.of_type("place.vacante")}) == 22
    told = [m["place"]["capacite"] for m in world.siao.of_type("place.vacante") if m["place"]["capacite"] > 1]
    assert told == list(range(2, 13)), "l'arriéré, plus long que ce que le relais voit, arrive dans l'ordre"
    assert len(set(world.siao.keys)) == len(world.siao.keys)
    assert await world.ready()
    assert world.alive


async def test_a_worker_alone_is_alive_all_the_time_and_ready_while_kafka_is_there(
    prepared: World, kafka: KafkaCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without a door can be probed, too."""
    monkeypatch.setattr(topics_admin, "PROBE_SECONDS", 2.0)
    (node,) = kafka.nodes
    if node.pid is None:
        await asyncio.to_thread(kafka.start)
    with reserved_ports(1) as (port,):
        of_a_door = HealthSettings(port=2 * port - port_of(HealthSettings(port=port), [Role.WORKER]))
        prepared.settings = prepared.settings.model_copy(update={"health": of_a_door})
        await prepared.start(Role.WORKER)

        async def answers(path: str, status: int) -> bool:
            with suppress(aiohttp.ClientError):
                async with prepared.http.get(f"http://{of_a_door.host}:{port}{path}") as response:
                    return response.status == status
            return False

        await until(lambda: answers("/readyz", 200), "il est prêt")
        node.freeze()
        try:
            await until(lambda: answers("/readyz", 503), "sans Kafka il n'est pas prêt")
            assert await answers("/healthz", 200)
            assert await answers("/ailleurs", 404)
        finally:
            node.thaw()
        await until(lambda: answers("/readyz", 200), "il l'est de nouveau")


async def test_a_broker_answers_is_frozen_or_is_away_and_a_frozen_one_is_not_ok(
    kafka: KafkaCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, (node,) = KafkaSettings(bootstrap=kafka.bootstrap), kafka.nodes
    if node.pid is None:
        await asyncio.to_thread(kafka.start)
    assert await probe(settings) is Answer.OK
    node.freeze()
    try:
        with monkeypatch.context() as impatient:
            impatient.setattr(topics_admin, "PROBE_SECONDS", 1.0)
            assert await probe(settings) is Answer.MUET
            assert not await is_reachable(settings)
    finally:
        node.thaw()
    assert await probe(settings) is Answer.OK
    kafka.kill9()
    assert await probe(settings) is Answer.ABSENT
