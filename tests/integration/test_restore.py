"""PostgreSQL goes back to a backup while Kafka has moved on: what the bus remembers is taken in again, once."""

import asyncio
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.errors import Permanent
from deploy.local.postgres import PostgresServer, local_postgres
from router.forgetting import forget
from router.recovery import recover
from router.settings import DatabaseSettings, Settings
from tests.integration.messages import referral, vacancy
from tests.integration.waiting import until
from tests.integration.world import World

PLACES = 40


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    with local_postgres() as started:
        yield started


@pytest.fixture
def settings(settings: Settings, postgres: PostgresServer) -> Settings:
    database = DatabaseSettings(url=postgres.url, schema_name=settings.database.schema_name)
    return settings.model_copy(update={"database": database})


def backed_up(postgres: PostgresServer, target: Path) -> datetime:
    """A copy of its files, and the moment of it."""
    postgres.stop()
    shutil.copytree(postgres.data, target)
    moment = datetime.now(UTC)
    postgres.start()
    return moment


def restored(postgres: PostgresServer, backup: Path) -> None:
    postgres.stop()
    postgres.restore(backup)
    postgres.start()


async def test_after_a_restore_every_accepted_event_is_applied_once_and_the_erased_stay_erased(
    world: World, postgres: PostgresServer, tmp_path: Path
) -> None:
    place = await world.known_place()
    await world.send("siao-01", referral(place, 1))
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    (household,) = await world.sql("SELECT menage FROM subject WHERE nature = 'orientation'")
    await world.stop()
    moment = await asyncio.to_thread(backed_up, postgres, tmp_path / "sauvegarde")

    await world.start()
    ours = world.shelter.messages[0]["orientation"]
    await world.send("centre", {"type": "orientation.acceptee", "orientation": ours})
    await world.send("centre", [vacancy(f"B-{n}") for n in range(5)])
    await until(lambda: len(world.siao.messages) == 7, "le SIAO reçoit tout")
    await world.settled()
    await forget(world.database, world.settings.erasures_file, household["menage"], "test", force=True)
    with pytest.raises(Permanent, match="worker"):
        await recover(world.settings, world.database, moment, "test")
    await world.stop()
    await asyncio.to_thread(restored, postgres, tmp_path / "sauvegarde")

    assert await world.count("event") < 9, "la base ne sait plus"
    done = await recover(world.settings, world.database, moment, "test")
    assert done.erased > 0
    assert done.records >= 6
    again = await recover(world.settings, world.database, moment, "test")
    assert again == (0, done.records), "recommencer ne change rien"
    await world.start()
    taken_in = "SELECT 1 FROM outcome WHERE kind = 'repris_du_bus' HAVING count(*) >= 6"
    await until(lambda: world.sql(taken_in), "le bus rend ce que la base a perdu")
    await world.settled()
    (referred,) = await world.sql("SELECT etat FROM subject WHERE nature = 'orientation'")
    assert referred["etat"] == "ACCEPTEE"
    assert len(await world.sql("SELECT 1 FROM subject WHERE nature = 'place'")) == 6
    assert not await world.sql("SELECT 1 FROM holder_key WHERE holder = $1", household["menage"])
    assert len(set(world.siao.keys)) == 7, "ce qui est livré de nouveau l'est sous la même clé"


async def test_what_follows_from_another_is_taken_in_again_behind_it_whatever_their_topics(
    world: World, postgres: PostgresServer, tmp_path: Path
) -> None:
    await world.known_place()
    await world.settled()
    await world.stop()
    moment = await asyncio.to_thread(backed_up, postgres, tmp_path / "sauvegarde")

    await world.start()
    await world.send("centre", [vacancy(f"B-{n}") for n in range(PLACES)])
    await until(lambda: len(world.siao.of_type("place.vacante")) == PLACES + 1, "le SIAO sait les places")
    places = [m["place"]["identifiantExterne"] for m in world.siao.of_type("place.vacante")[1:]]
    for number, place in enumerate(places, 1):
        await world.send("siao-01", referral(place, number))
    await until(lambda: len(world.shelter.messages) == PLACES, "les orientations arrivent au centre")
    await world.settled()
    await world.stop()
    await asyncio.to_thread(restored, postgres, tmp_path / "sauvegarde")

    await recover(world.settings, world.database, moment, "test")
    await world.start()
    taken_in = "SELECT 1 FROM outcome WHERE kind = 'repris_du_bus' HAVING count(*) >= $1"
    await until(lambda: world.sql(taken_in, 2 * PLACES), "le bus rend ce que la base a perdu")
    await world.settled()
    known = await world.sql(
        "SELECT etat, count(*) AS n FROM subject WHERE nature = 'orientation' GROUP BY etat"
    )
    assert [(row["etat"], row["n"]) for row in known] == [("PROPOSEE", PLACES)]
    assert not await world.sql("SELECT 1 FROM outcome WHERE kind = 'anomalie'")
