"""PostgreSQL goes back to a backup while Kafka has moved on: what the bus remembers is taken in again, once."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import AsyncMock
from uuid import UUID

import pytest

from contracts.errors import Misconfigured
from contracts.partner import ClasseLivraison, SortieBoite
from deploy.local.key_replica import replicate_keys
from deploy.local.postgres import PostgresServer, local_postgres
from ops.forgetting.erasing import forget
from ops.forgetting.journal import Journal
from ops.recovery.reading import recover
from ops.running import process
from router.domain.roles import AT_WORK, Role
from router.intake import bulk
from router.settings import DatabaseSettings, IntakeSettings, Settings
from router.store import origin
from tests.integration import accidents
from tests.integration.halfway import held_after_a_chunk, stopped_half_way
from tests.integration.lasting import MOVING
from tests.integration.messages import referral, vacancy
from tests.integration.migrated import migrated
from tests.integration.receiver import Receiver
from tests.integration.registry import http
from tests.integration.waiting import until
from tests.integration.world import World

PLACES = 6


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    """A server of these tests' own, each with tables of its own in it."""
    with local_postgres() as started:
        yield started


@pytest.fixture
def settings(settings: Settings, postgres: PostgresServer) -> Settings:
    database = DatabaseSettings(url=postgres.url, schema_name=settings.database.schema_name)
    return settings.model_copy(update={"database": database})


class Loss(Protocol):
    """What happens to PostgreSQL, and what is done then: its ordinary backup is put back."""

    async def prepare(self) -> None: ...

    def restore(self, backup: Path) -> None: ...


class OfTheTables:
    """The server lives, and with it the schema of keys."""

    def __init__(self, postgres: PostgresServer, settings: DatabaseSettings) -> None:
        self._postgres, self._settings = postgres, settings

    async def prepare(self) -> None:
        """Nothing."""

    def restore(self, backup: Path) -> None:
        self._postgres.restore(self._settings.schema_name, backup)


class OfTheServer:
    """Its disk is gone: the keys come back from their replica."""

    def __init__(self, postgres: PostgresServer, replica: PostgresServer, settings: DatabaseSettings) -> None:
        self._postgres, self._replica, self._settings = postgres, replica, settings

    async def prepare(self) -> None:
        await migrated(self._settings.model_copy(update={"url": self._replica.url}))
        await asyncio.to_thread(replicate_keys, self._postgres, self._replica, self._settings.keys_schema)

    def restore(self, backup: Path) -> None:
        self._postgres.lose()
        self._postgres.start()
        keys = backup.with_name("cles")
        self._replica.dump(self._settings.keys_schema, keys)
        self._postgres.restore(self._settings.keys_schema, keys)
        self._postgres.restore(self._settings.schema_name, backup)


@pytest.fixture
def prepared(prepared: World, request: pytest.FixtureRequest) -> World:
    """A hub, with its scheduler where the whole server is lost: its work goes on beside a return."""
    whole = (
        getattr(request.node, "callspec", None) and request.node.callspec.params.get("loss") == "the server"
    )
    prepared.roles = AT_WORK if whole else MOVING
    return prepared


@pytest.fixture(params=["the tables", "the server"])
def loss(request: pytest.FixtureRequest, postgres: PostgresServer, settings: Settings) -> Iterator[Loss]:
    if request.param == "the tables":
        yield OfTheTables(postgres, settings.database)
    else:
        with local_postgres() as replica:
            yield OfTheServer(postgres, replica, settings.database)


async def backed_up(postgres: PostgresServer, settings: Settings, target: Path) -> datetime:
    """An ordinary backup, without the keys, and the moment of it."""
    moment = datetime.now(UTC)
    await asyncio.to_thread(postgres.dump, settings.database.schema_name, target)
    return moment


def told_otherwise(receiver: Receiver) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What came under one key first, and said something else when it came again."""
    first = {attempt.key: attempt.body for attempt in reversed(receiver.attempts)}
    pairs = [(first[attempt.key], attempt.body) for attempt in receiver.attempts]
    return [(before, after) for before, after in pairs if before != after]


async def test_after_a_restore_every_accepted_event_is_applied_once_and_the_erased_stay_erased(
    world: World, postgres: PostgresServer, loss: Loss, tmp_path: Path
) -> None:
    await loss.prepare()
    place = await world.known_place()
    await world.accepted("siao-01", referral(place, 1))
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    household = await household_of_the_referral(world)
    moment = await backed_up(postgres, world.settings, tmp_path / "sauvegarde")

    ours = world.shelter.messages[0]["orientation"]
    _, answer = await world.send("centre", {"type": "orientation.acceptee", "orientation": ours})
    await world.accepted("centre", [vacancy(f"B-{n}") for n in range(5)])
    await until(lambda: len(world.siao.messages) == 7, "le SIAO reçoit tout")
    new = [message["place"]["identifiantExterne"] for message in world.siao.of_type("place.vacante")[1:]]
    await world.accepted("siao-01", referral(new[0], 2))
    await until(lambda: len(world.shelter.messages) == 2, "l'orientation née depuis arrive au centre")
    await world.settled()
    await forget(world.database, Journal.of(world.settings), household, "test", force=True)
    await world.stop()
    known = await world.count("event")
    await asyncio.to_thread(loss.restore, tmp_path / "sauvegarde")

    assert await world.count("event") < known, "la base ne sait plus"
    born_since = {"type": "orientation.acceptee", "orientation": world.shelter.messages[1]["orientation"]}
    await world.start(Role.GATEWAY)
    status, _ = await world.send("centre", born_since, "reponse")
    assert status == 503, "le bus la connaît : on ne dit pas au centre qu'elle n'existe pas"
    await world.stop()
    done = await recover(world.settings, world.database, moment, "test")
    assert done.records >= 7
    again = await recover(world.settings, world.database, moment, "test")
    assert again == (0, 0, done.records), "recommencer ne change rien"
    await world.start()
    await until(partial(taken_in, world, 7), "le bus rend ce que la base a perdu")
    await world.settled()
    assert await states(world, "orientation") == {"ACCEPTEE": 1, "PROPOSEE": 1}
    assert len(await world.subjects("place")) == 6
    assert household not in await world.keys()
    ((_, nameless),) = told_otherwise(world.siao)
    assert nameless["orientation"] == {"identifiantExterne": ours}, (
        "ce qui concerne l'oublié, et rien d'autre"
    )
    assert len(set(world.siao.keys)) == 7
    status, found = await world.get("centre", f"/v1/messages/{answer['id']}")
    assert (status, found["etat"], found["acceptes"], found["rejets"]) == (200, "accepte", None, None)
    assert [(e["repris_du_bus"], e["livraisons"][0]["etat"]) for e in found["evenements"]] == [
        (True, "livree")
    ]
    assert (await world.get("siao-01", f"/v1/messages/{answer['id']}"))[0] == 404, "pas le sien"
    unknown = {"type": "orientation.acceptee", "orientation": str(UUID(int=1))}
    assert (await world.send("centre", unknown))[0] == 422, (
        "le bus est relu : ce qui est inconnu n'existe pas"
    )
    assert (await world.send("centre", born_since, "reponse"))[0] == 202
    await world.settled()
    assert await states(world, "orientation") == {"ACCEPTEE": 2}
    assert told_otherwise(world.shelter) == []
    assert world.shelter.tried(world.shelter.keys[1]) == 2, "ce qui est né depuis la sauvegarde reste lisible"
    status, _ = await world.send("siao-01", referral(new[1], 3))
    assert status == 202
    await until(lambda: len(world.shelter.messages) == 4, "une place née depuis a gardé son identifiant")
    assert world.shelter.messages[-1]["place"].startswith("B-"), "le centre lit le sien"


async def test_after_a_restore_nobody_is_sent_blindly_what_may_have_arrived_before(
    world: World, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Who can be asked is asked; else somebody decides."""
    way_out = http(
        world.siao.port, world.secret, question=f"http://127.0.0.1:{world.siao.port}/recus/{{cle}}"
    )
    asked = {"livraison": ClasseLivraison.INTERROGEABLE, "sortie": way_out}
    await world.apply(world.registry(siao_01=asked, centre={"livraison": ClasseLivraison.AUCUNE}))
    moment = await backed_up(postgres, world.settings, tmp_path / "sauvegarde")
    await world.referred()
    await world.settled()
    await world.stop()
    await asyncio.to_thread(postgres.restore, world.settings.database.schema_name, tmp_path / "sauvegarde")
    await recover(world.settings, world.database, moment, "test")
    await world.start()

    async def is_decided() -> bool:
        return "livree" in await world.etats("siao-01") and "incertaine" in await world.etats("centre")

    await until(is_decided, "le SIAO l'a, et quelqu'un décide pour le centre")
    assert len(world.siao.attempts) == len(world.shelter.attempts) == 1


async def test_when_the_keys_go_back_too_what_was_erased_since_is_erased_again(
    world: World, postgres: PostgresServer, tmp_path: Path
) -> None:
    await world.referred()
    await world.settled()
    household = await household_of_the_referral(world)
    schemas = (world.settings.database.schema_name, world.settings.database.keys_schema)
    moment = datetime.now(UTC)
    for schema in schemas:
        await asyncio.to_thread(postgres.dump, schema, tmp_path / schema)
    await forget(world.database, Journal.of(world.settings), household, "test", force=True)
    await world.stop()
    for schema in schemas:
        await asyncio.to_thread(postgres.restore, schema, tmp_path / schema)

    assert household in await world.keys()
    assert (await recover(world.settings, world.database, moment, "test")).erased > 0
    assert household not in await world.keys()


async def test_where_the_bus_knows_nothing_of_that_time_there_is_nothing_to_take_in_again(
    prepared: World,
) -> None:
    done = await recover(prepared.settings, prepared.database, datetime.now(UTC), "test")
    assert done == (0, 0, 0)


async def test_a_recovery_doubts_nothing_once_another_has_ended_and_all_where_nothing_tells(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.siao.status = 503
    await world.accepted("centre", vacancy())
    await until(lambda: world.siao.attempts, "la livraison est essayée")
    await world.stop()
    for known, etat in (((True, False), "en_attente"), ((False,), "en_vol")):
        monkeypatch.setattr(origin, "went_back", AsyncMock(side_effect=known))
        await recover(world.settings, world.database, datetime.now(UTC), "test")
        assert await world.etats("siao-01") == [etat]


async def test_what_follows_from_another_is_taken_in_again_behind_it_whatever_their_topics(
    world: World, postgres: PostgresServer, tmp_path: Path
) -> None:
    await world.known_place()
    await world.settled()
    moment = await backed_up(postgres, world.settings, tmp_path / "sauvegarde")

    await world.accepted("centre", [vacancy(f"B-{n}") for n in range(PLACES)])
    await until(lambda: len(world.siao.of_type("place.vacante")) == PLACES + 1, "le SIAO sait les places")
    places = [m["place"]["identifiantExterne"] for m in world.siao.of_type("place.vacante")[1:]]
    for number, place in enumerate(places, 1):
        await world.accepted("siao-01", referral(place, number))
    await until(lambda: len(world.shelter.messages) == PLACES, "les orientations arrivent au centre")
    await world.settled()
    await world.stop()
    await asyncio.to_thread(postgres.restore, world.settings.database.schema_name, tmp_path / "sauvegarde")

    await recover(world.settings, world.database, moment, "test")
    await world.start()
    await until(partial(taken_in, world, 2 * PLACES), "le bus rend ce que la base a perdu")
    await world.settled()
    assert await states(world, "orientation") == {"PROPOSEE": PLACES}
    assert not await world.outcomes("anomalie")


CHUNK = 10
ROWS = 2 * CHUNK + 10
ALL_OR_NOTHING = {"tout_ou_rien": True}


@pytest.mark.parametrize("centre", [{}, ALL_OR_NOTHING], ids=["row by row", "all or nothing"])
async def test_what_waited_behind_a_large_file_at_the_backup_is_not_let_go_again_behind_what_followed_it(
    prepared: World,
    postgres: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    centre: dict[str, Any],
) -> None:
    world = prepared
    monkeypatch.setattr(bulk, "CHUNK_ROWS", CHUNK)
    world.settings = world.settings.model_copy(update={"intake": IntakeSettings(sync_rows=CHUNK)})
    await world.start(Role.GATEWAY)
    await world.apply(world.registry(siao_01={"sortie": SortieBoite()}, centre=centre))
    _, large = await world.send("centre", [vacancy(f"A-{n}") for n in range(ROWS)], "fichier")
    assert large["etat"] == "en_cours"
    assert (await world.send("centre", vacancy("B-1")))[0] == 202
    await world.stop()
    async with held_after_a_chunk(world):
        await world.start(Role.SOURCES)
        assert await stopped_half_way(world, large["id"]) == CHUNK
    moment = await backed_up(postgres, world.settings, tmp_path / "sauvegarde")

    await world.start()
    await until(lambda: is_closed(world), "le fichier est décodé")
    await world.settled()
    for place in ("A-0", f"A-{ROWS - 1}", "B-1"):
        await world.accepted("centre", {"type": "place.indisponible", "place": place, "motif": "TRAVAUX"})
    await world.settled()
    before = await states(world, "place")
    assert before == {"DISPONIBLE": ROWS - 2, "INDISPONIBLE": 3}
    await world.stop()
    await asyncio.to_thread(postgres.restore, world.settings.database.schema_name, tmp_path / "sauvegarde")

    await recover(world.settings, world.database, moment, "test")
    assert await states(world, "place") == before
    await world.start()
    await until(lambda: is_closed(world), "le fichier est décodé")
    await world.settled()
    assert await states(world, "place") == before
    assert await world.count("event") == ROWS + 1 + 3
    _, fate = await world.get("centre", f"/v1/messages/{large['id']}")
    assert (fate["etat"], fate["acceptes"]) == ("accepte", ROWS)


async def test_no_other_key_is_made_for_a_holder_whose_id_outlived_the_failover_in_memory(
    prepared: World,
) -> None:
    """The key may still come back from its replica: what the bus has could not be opened with another."""
    world, database = prepared, prepared.settings.database
    replica = database.model_copy(update={"keys_replica_url": database.url})
    world.settings = world.settings.model_copy(update={"database": replica})
    await world.start()
    place = await world.known_place()
    await world.accepted("siao-01", referral(place))
    await world.settled()
    household = await household_of_the_referral(world)
    await accidents.key_is_lost(world, household)
    await accidents.tables_went_back(world)
    assert world.hub is not None
    world.hub.keyring.forget_cached()
    world.hub.database.went_back = True
    assert (await world.send("siao-01", {**referral(place), "idMessage": "encore"}))[0] == 503
    assert household not in {row["holder"] for row in await accidents.saved_keys(world)}


@pytest.mark.parametrize("of_what", ["orientation", "place"])
async def test_nothing_is_sealed_under_a_key_that_the_failover_lost_and_memory_still_has(
    prepared: World, monkeypatch: pytest.MonkeyPatch, of_what: str
) -> None:
    """Without a replica of the keys, a new key is made. The notice that empties the memory may come too late."""
    world = prepared
    monkeypatch.setattr(process, "_forget_cached", lambda _: None)
    await world.start()
    await world.accepted("centre", vacancy(adresse="4 rue Neuve"))
    await world.settled()
    (at_this_address,) = await world.subjects("place")
    place = await world.known_place("A-102")
    await world.accepted("siao-01", referral(place, 1))
    await world.settled()
    holder = {"orientation": await household_of_the_referral(world), "place": at_this_address.id}[of_what]
    await accidents.key_is_lost(world, holder)
    await accidents.tables_went_back(world)
    await accidents.connections_are_cut(world)
    again = {
        "orientation": ("siao-01", {**referral(place, 2), "ficheGroupe": referral(place, 1)["ficheGroupe"]}),
        "place": ("centre", vacancy(adresse="5 rue Neuve")),
    }[of_what]

    async def accepted() -> bool:
        return (await world.send(*again))[0] == 202

    await until(accepted, "la porte accepte de nouveau")
    assert await accidents.saved_keys(world, holder)


async def test_who_was_forgotten_on_another_machine_is_known_and_without_that_journal_no_restored_database_is_read(
    world: World, tmp_path: Path
) -> None:
    await world.referred()
    await world.settled()
    await until(partial(has_journal, world), "le journal est commencé")
    household = await household_of_the_referral(world)
    await forget(world.database, Journal.of(world.settings), household, "test", force=True)
    here = world.settings.model_copy(update={"erasures_file": tmp_path / "ailleurs.jsonl"})
    assert household in await Journal.of(here).households(was_begun=True)
    moment = datetime.now(UTC)
    await world.stop()
    file = world.settings.erasures_file
    file.unlink()
    await recover(world.settings, world.database, moment, "test")
    await world.bus.lose_journal()
    with pytest.raises(Misconfigured, match="journal des effacements manque"):
        await recover(world.settings, world.database, moment, "test")
    file.touch()
    await recover(world.settings, world.database, moment, "test")


async def has_journal(world: World) -> bool:
    async with world.database.statement() as connection:
        known = await origin.read(connection)
    return known is not None and known.has_journal


async def taken_in(world: World, number: int) -> bool:
    """Whether the bus has given back at least so many events."""
    return len(await world.outcomes("repris_du_bus")) >= number


async def is_closed(world: World) -> bool:
    return not any(message.etat == "en_cours" or message.held for message in await world.messages())


async def states(world: World, nature: str) -> dict[str, int]:
    """How many places, referrals … are in each state."""
    return Counter(subject.etat for subject in await world.subjects(nature))


async def household_of_the_referral(world: World) -> UUID:
    (referral,) = await world.subjects("orientation")
    assert referral.menage is not None
    return referral.menage
