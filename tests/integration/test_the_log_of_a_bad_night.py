"""What docs/journal.md and docs/exploitation.md promise to whoever reads the log at night, played and read."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from contracts.partner import ClasseLivraison
from deploy.local.kafka import KafkaCluster, kafka_cluster
from deploy.local.postgres import PostgresServer
from router.settings import DatabaseSettings, KafkaSettings, Settings
from router.telemetry.events import EVENTS
from tests.integration.apart import HubApart
from tests.integration.messages import NOM, vacancy
from tests.integration.waiting import until
from tests.integration.world import World

SORTIE = {"of": "sortie", "partner": "siao-01"}


@pytest.fixture
def kafka() -> Iterator[KafkaCluster]:
    """A broker of this test's own."""
    with kafka_cluster() as cluster:
        cluster.start()
        yield cluster


@pytest.fixture
def settings(settings: Settings, postgres: PostgresServer, kafka: KafkaCluster) -> Settings:
    database = DatabaseSettings(url=postgres.url, schema_name=settings.database.schema_name)
    bus = KafkaSettings(bootstrap=kafka.bootstrap, prefix=settings.kafka.prefix)
    return settings.model_copy(update={"database": database, "kafka": bus})


@pytest.fixture
async def hub(prepared: World, tmp_path: Path) -> AsyncIterator[HubApart]:
    """All roles, in the processes of a small SIAO."""
    async with HubApart(prepared.settings, tmp_path).running() as hub:
        yield hub


async def test_every_accident_of_a_night_is_told_as_the_documentation_promises_and_no_line_is_anything_else(
    prepared: World, hub: HubApart, kafka: KafkaCluster, postgres: PostgresServer
) -> None:
    world = prepared
    await until(lambda: len(hub.lines("hub.started")) == 2, "les deux processus sont au travail")

    await registry_changes(world, hub)
    await partner_refuses(world, hub)
    await partner_is_away(world, hub)
    await rubbish_comes_in(world, hub)
    async with away(hub, kafka, "kafka"):
        for capacite in range(2, 8):
            assert (await world.send("centre", vacancy("D-1", capacite=capacite)))[0] == 202
    await until(lambda: told(world)[5:], "ce qui fut accepté sans le bus arrive au SIAO")
    assert told(world) == [*range(2, 8)]
    async with away(hub, postgres, "postgresql"):
        pass
    assert told(world) == [*range(2, 8)], "et une fois"

    assert {line["event"] for line in hub.lines()} <= EVENTS.keys()
    assert all(line["role"] and line["timestamp"] for line in hub.lines())
    assert all(
        line["level"] == EVENTS[line["event"]].level for line in hub.lines() if line["event"] != "library"
    )
    assert NOM not in str(hub.lines())


def told(world: World) -> list[int]:
    """What the SIAO has been told of the place that changed while the bus was away, in order."""
    capacites = (m["place"]["capacite"] for m in world.siao.of_type("place.vacante"))
    return [capacite for capacite in capacites if capacite > 1]


async def partner_refuses(world: World, hub: HubApart) -> None:
    """422 is a refusal, 500 an uncertain delivery."""
    world.siao.status = 422
    assert (await world.send("centre", vacancy("A-1")))[0] == 202
    await until(lambda: hub.lines("delivery.refused", partner="siao-01"), "le refus est dit")
    world.siao.status = 500
    assert (await world.send("centre", vacancy("A-2")))[0] == 202
    await until(lambda: hub.lines("delivery.uncertain", partner="siao-01"), "l'incertitude est dite")


async def partner_is_away(world: World, hub: HubApart) -> None:
    """401 and 503 are an outage, whose end is told; a mended entry goes on with it."""
    world.siao.status = 401
    await six_vacancies(world, "B")
    await until(lambda: len(hub.lines("outage.started", **SORTIE)) == 1, "l'accès refusé est dit")
    world.siao.status = 204
    await world.write_registry(
        world.registry(siao_01={"livraison": ClasseLivraison.AUCUNE, "nom": "SIAO 01"})
    )
    await until(lambda: len(hub.lines("outage.ended", **SORTIE)) == 1, "l'accès rendu est dit")
    world.siao.status = 503
    await six_vacancies(world, "C")
    await until(lambda: len(hub.lines("outage.started", **SORTIE)) == 2, "l'absence est dite")
    world.siao.status = 204
    await until(lambda: len(hub.lines("outage.ended", **SORTIE)) == 2, "le retour est dit")
    assert ["401" in line["reason"] for line in hub.lines("outage.started", **SORTIE)] == [True, False]


async def six_vacancies(world: World, prefix: str) -> None:
    for number in range(6):
        assert (await world.send("centre", vacancy(f"{prefix}-{number}")))[0] == 202


async def rubbish_comes_in(world: World, hub: HubApart) -> None:
    """What cannot be read is refused at the door, and set aside from the bus."""
    assert (await world.send("centre", b"n'importe quoi"))[0] == 400
    await until(lambda: hub.lines("message.refused", partner="centre"), "le refus est dit")
    await world.bus.publish("offre", b"n'importe quoi", [], b"cle")
    await until(lambda: hub.lines("quarantine.kept"), "la quarantaine est dite")


@asynccontextmanager
async def away(hub: HubApart, part: KafkaCluster | PostgresServer, name: str) -> AsyncIterator[None]:
    """The part goes, and comes back after the block: each process that needs it tells its outage once, and its end."""
    await asyncio.to_thread(part.stop)
    await until(lambda: len(hub.lines("outage.started", of=name)) == 2, f"{name} manque aux deux processus")
    yield
    await asyncio.to_thread(part.start)
    await until(lambda: len(hub.lines("outage.ended", of=name)) == 2, f"{name} est revenu pour les deux")
    assert len(hub.lines("outage.started", of=name)) == 2, "une ligne par processus"
    texts = hub.count_of("pid", "library", "text")
    began, ended = (datetime.fromisoformat(line["timestamp"]) for line in (hub.lines()[0], hub.lines()[-1]))
    most = 2 + (ended - began) // timedelta(minutes=1)
    assert max(number for (_, library, _), number in texts.items() if library) <= most, (
        "au plus une par minute"
    )


async def registry_changes(world: World, hub: HubApart) -> None:
    """A partner that cannot tell a repetition, from now on."""
    registry = world.registry(siao_01={"livraison": ClasseLivraison.AUCUNE})
    await world.write_registry(registry)
    await until(lambda: hub.lines("registry.changed", changed=["siao-01"]), "le registre suivi est dit")
