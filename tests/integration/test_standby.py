"""The primary PostgreSQL dies and its standby takes over by itself, behind an address that moves: nobody is told a
wrong thing, and the hub needs nobody."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from contracts.partner import ClasseLivraison
from deploy.local.key_replica import replicate_keys
from deploy.local.postgres import PostgresServer, local_postgres, postgres_server
from ops.recovery import standby as watch
from ops.recovery.reading import recover
from ops.running.hub import utc_now
from ops.status.findings import Code
from ops.status.verdict import verdict
from ops.status.vitals import vitals
from router.domain import audit_heads
from router.domain.roles import AT_WORK, Role
from router.settings import DatabaseSettings, Settings
from router.store import origin
from router.store.database import Database
from simulation.moving_address import MovingAddress, moving_address
from tests.integration.auditing import verified
from tests.integration.messages import NOM, referral, vacancy
from tests.integration.migrated import migrated
from tests.integration.test_restore import states
from tests.integration.waiting import until
from tests.integration.world import World


@pytest.fixture(autouse=True)
def notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is noted of the database now and then is noted while a test waits for it."""
    monkeypatch.setattr(watch, "KEPT_SECONDS", 0.2)
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.2)


@pytest.fixture
def address(postgres: PostgresServer) -> Iterator[MovingAddress]:
    with moving_address(postgres.port) as address:
        yield address


@pytest.fixture
def settings(settings: Settings, postgres: PostgresServer, address: MovingAddress) -> Settings:
    url = postgres.url.replace(f":{postgres.port}/", f":{address.port}/")
    database = DatabaseSettings(url=url, schema_name=settings.database.schema_name)
    return settings.model_copy(update={"database": database})


@pytest.fixture
def standby(postgres: PostgresServer) -> Iterator[PostgresServer]:
    with postgres_server() as standby:
        standby.follow(postgres, "secours")
        yield standby


@pytest.fixture
def key_replica() -> Iterator[PostgresServer]:
    with local_postgres() as replica:
        yield replica


class Failover:
    """The primary is gone, its standby has its place."""

    def __init__(self, primary: PostgresServer, standby: PostgresServer, address: MovingAddress) -> None:
        self._primary, self._standby, self._address = primary, standby, address

    async def wait_for_all(self) -> None:
        """Whatever was committed is committed once the standby has it too."""
        self._primary.set("synchronous_standby_names", "secours")

    async def fall_behind(self) -> None:
        await asyncio.to_thread(self._standby.fall_behind)

    async def take_over(self) -> None:
        """The primary dies."""
        self._primary.kill9()
        await self._promote()

    async def freeze(self) -> None:
        """The primary hangs, and its standby takes over."""
        self._primary.freeze()
        await self._promote()

    async def wake_up(self) -> None:
        """The old primary is back as if nothing had happened, and has the address."""
        self._primary.thaw()
        await asyncio.to_thread(self._address.move, self._primary.port)

    async def have_back(self) -> None:
        """The address goes to the one that took over."""
        await asyncio.to_thread(self._address.move, self._standby.port)

    async def _promote(self) -> None:
        await asyncio.to_thread(self._standby.promote)
        await self.have_back()


@pytest.fixture
def failover(postgres: PostgresServer, standby: PostgresServer, address: MovingAddress) -> Failover:
    return Failover(postgres, standby, address)


async def findings(world: World) -> dict[Code, str]:
    facts = await vitals(world.database, world.settings)
    return {found.code: found.sentence for found in verdict(facts, utc_now()).findings}


async def has_taken_over(world: World) -> bool:
    """Whether the hub is through with it."""
    return Code.BASCULEE in await findings(world) and await world.database.is_whole()


async def test_an_answer_to_a_referral_that_the_standby_lacks_is_asked_for_later_and_then_accepted(
    failover: Failover, world: World
) -> None:
    place = await world.known_place()
    await world.settled()
    await failover.fall_behind()
    await world.send("siao-01", referral(place, 1))
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    await world.stop()
    await failover.take_over()

    answer = {"type": "orientation.acceptee", "orientation": world.shelter.messages[0]["orientation"]}
    await world.start(Role.GATEWAY)
    assert (await world.send("centre", answer, "reponse"))[0] == 503, "le bus la connaît"
    assert (await world.send("centre", vacancy("B-1")))[0] == 202, "ce qui ne demande rien est accepté"
    await world.stop()
    await world.start()
    told: list[int] = []

    async def is_accepted() -> bool:
        told.append((await world.send("centre", answer, "reponse"))[0])
        return told[-1] == 202

    await until(is_accepted, "le bus est relu")
    assert set(told) <= {503, 202}
    await world.settled()
    assert await states(world, "orientation") == {"ACCEPTEE": 1}
    unknown = {"type": "orientation.acceptee", "orientation": "00000000-0000-0000-0000-000000000001"}
    assert (await world.send("centre", unknown))[0] == 422, "ce que le bus ne connaît pas n'existe pas"


async def test_what_may_have_left_stays_until_the_bus_was_read_again_and_all_else_leaves(
    failover: Failover, world: World
) -> None:
    await world.apply(world.registry(centre={"livraison": ClasseLivraison.AUCUNE}))
    place = await world.known_place()
    world.shelter.status = 503
    await world.send("siao-01", referral(place, 1))
    await until(lambda: world.shelter.attempts, "le centre est en panne")
    world.siao.status = 503
    await world.send("centre", vacancy("B-1"))
    await until(
        lambda: world.siao.attempts[-1].body["place"] != world.siao.attempts[0].body["place"], "le SIAO aussi"
    )
    await failover.fall_behind()
    world.shelter.status = 204
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.stop()
    await failover.take_over()

    world.siao.status = 204
    before = len(world.shelter.attempts)
    await world.start(Role.DISPATCHER)
    await until(lambda: len(world.siao.messages) == 2, "ce que le SIAO reconnaîtrait part")
    await world.stop()
    assert len(world.shelter.attempts) == before


async def test_a_standby_that_had_everything_takes_over_without_anybody(
    failover: Failover, world: World
) -> None:
    await world.apply(world.registry(centre={"livraison": ClasseLivraison.AUCUNE}))
    await failover.wait_for_all()
    place = await world.known_place()
    await world.settled()
    await until(partial(is_known_to_be_safe, world), "le secours est synchrone")
    world.shelter.status = 503
    await world.send("siao-01", referral(place, 1))
    await until(lambda: world.shelter.attempts, "le centre est en panne")
    await failover.take_over()
    await until(partial(has_taken_over, world), "la base est basculée")
    world.shelter.status = 204
    await until(lambda: world.shelter.messages, "l'orientation part encore")
    await world.settled()
    assert "incertaine" not in await world.etats("centre")
    assert len(world.shelter.messages) == 1


async def test_a_failover_is_made_good_without_the_key_of_the_audit_and_the_scheduler_signs_where_it_goes_on(
    failover: Failover, prepared: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(audit_heads, "HEAD_SECONDS", 0.2)
    world = prepared
    await world.start()
    await world.known_place()
    await world.settled()
    await failover.fall_behind()
    await world.known_place("B-1")
    await until(partial(is_signed, world), "ce qui sera perdu est signé")
    await world.stop()
    await failover.take_over()

    whole = world.settings
    without = {"audit_key": None, "audit_key_file": tmp_path / "absente"}
    world.settings = whole.model_copy(update=without)
    await world.start(*(role for role in AT_WORK if role is not Role.SCHEDULER))
    await until(partial(has_taken_over, world), "le bus est relu")
    await world.stop()
    assert not (await verified(world)).proof.restorations, "rien n'est signé sans la clé"
    world.settings = whole
    await world.start(Role.SCHEDULER)
    await until(partial(is_signed, world), "la clé signe la suite")
    verdict = await verified(world, announced=1)
    assert (verdict.is_whole, len(verdict.proof.restorations)) == (True, 1)


async def is_signed(world: World) -> bool:
    """Whether signed heads cover the whole audit, and nothing contradicts them."""
    verdict = await verified(world)
    return not verdict.proof.findings and verdict.proof.window == verdict.waiting == 0


async def test_keys_and_ids_that_the_standby_lacks_come_back_from_their_replica_before_anybody_gets_another(
    failover: Failover,
    prepared: World,
    postgres: PostgresServer,
    standby: PostgresServer,
    key_replica: PostgresServer,
) -> None:
    world = prepared
    database = world.settings.database
    there = database.model_copy(update={"url": key_replica.url})
    await migrated(there)
    await asyncio.to_thread(replicate_keys, postgres, key_replica, database.keys_schema)
    world.settings = world.settings.model_copy(
        update={"database": database.model_copy(update={"keys_replica_url": key_replica.url})}
    )
    await world.start()
    await world.known_place()
    await world.settled()
    await failover.fall_behind()
    place = await world.known_place("B-1")
    await world.send("siao-01", referral(place, 1))
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    await world.stop()
    await asyncio.to_thread(standby.set, "synchronous_standby_names", "")
    await failover.take_over()

    await world.start(Role.GATEWAY)
    assert (await world.send("centre", vacancy("B-1"), "encore"))[0] == 503, "la réplique connaît cette place"
    lost_at = utc_now() - timedelta(seconds=60)
    assert (await recover(world.settings, world.database, lost_at, "test")).keys > 0

    async def is_accepted() -> bool:
        return (await world.send("centre", vacancy("B-1"), "encore"))[0] == 202

    await until(is_accepted, "la porte, seule dans son processus, l'apprend")
    await world.stop()
    await world.start()
    await world.settled()
    told = {message["place"]["identifiantExterne"] for message in world.siao.of_type("place.vacante")}
    assert len(told) == 2, "une place, un identifiant"
    assert {body["menage"]["personnes"][0]["nom"] for body in world.shelter.messages} == {NOM}
    assert "oubliee" not in await world.etats("centre")


async def is_known_to_be_safe(world: World) -> bool:
    """Whether it is on record that the standby has it all."""
    async with world.database.statement() as connection:
        known = await origin.read(connection)
    return known is not None and known.synchronous


async def test_nothing_leaves_blindly_twice_where_a_standby_that_was_behind_took_over_and_the_old_primary_wakes_up(
    failover: Failover, world: World
) -> None:
    """The old primary is left alone."""
    await world.apply(world.registry(centre={"livraison": ClasseLivraison.AUCUNE}))
    place = await world.known_place()
    await world.settled()
    await failover.fall_behind()
    await world.send("siao-01", referral(place, 1))
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await failover.freeze()
    await until(partial(has_taken_over, world), "la base est basculée")
    assert "base basculée" in (await findings(world))[Code.BASCULEE]

    async def is_for_somebody() -> bool:
        return "incertaine" in await world.etats("centre")

    await until(is_for_somebody, "quelqu'un décide de ce qui a pu arriver")
    await world.settled()
    before = await world.count("event")
    await failover.wake_up()

    assert (await world.send("centre", vacancy("B-1"), "place"))[0] == 503
    assert "ancienne base primaire" in (await findings(world))[Code.BASE]
    await failover.have_back()

    async def is_accepted() -> bool:
        return (await world.send("centre", vacancy("B-1"), "place"))[0] == 202

    await until(is_accepted, "la base d'aujourd'hui répond")
    await world.settled()
    assert await world.count("event") == before + 1
    assert len(world.shelter.attempts) == 1


async def test_of_several_servers_the_one_that_takes_writes_is_found_whatever_the_others_do(
    failover: Failover, postgres: PostgresServer, standby: PostgresServer
) -> None:
    """Another one stands first in the address: a standby, then a frozen primary, then an old one that is back."""

    def named_behind(first: PostgresServer) -> Database:
        second = standby if first is postgres else postgres
        both = f":{first.port},127.0.0.1:{second.port}/"
        return Database(DatabaseSettings(url=postgres.url.replace(f":{postgres.port}/", both)))

    before, during, after = named_behind(standby), named_behind(postgres), named_behind(postgres)
    await migrated(DatabaseSettings(url=postgres.url))
    assert await until(before.answers, "la primaire, derrière un secours")
    await failover.freeze()
    assert await until(during.answers, "le secours promu, derrière un serveur gelé")
    postgres.thaw()
    async with during.statement() as connection:
        newest = await origin.server_of(connection)
    assert newest is not None
    await after.written_by(newest)
    assert await until(after.answers, "le secours promu, derrière l'ancienne primaire")
    for database in (before, during, after):
        await database.close()
