"""A simulated year: the tables stay bounded, and nothing that is due or undecided is ever removed."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from contracts.errors import BusUnavailable, Misconfigured
from contracts.ports import Native
from router.ops import forgetting, retention
from router.ops.replay import close
from router.roles import Role
from router.store import audit, database, jobs
from router.store.database import Connection, Database
from tests.integration import accidents, clock
from tests.integration.messages import referral, to_structure, vacancy
from tests.integration.quarantined import replayed
from tests.integration.registry import FINESS, http
from tests.integration.waiting import until
from tests.integration.world import World


async def bound(world: World) -> bool:
    """Bind some more of the audit, beside the sealer or without one."""
    try:
        async with world.database.transaction() as connection:
            return await audit.bind(connection)
    except asyncpg.UniqueViolationError:
        return True


async def later(world: World, by: timedelta) -> None:
    """So much time passes, all of the audit is bound meanwhile, and what is old enough is swept."""
    while await bound(world):
        pass
    await clock.pass_time(world, by)
    await retention.sweep(world.database, world.settings)


async def test_over_a_year_of_traffic_the_tables_hold_three_months_and_their_audit(world: World) -> None:
    sizes = []
    for month in range(14):
        await world.send(
            "centre", [vacancy(f"A-{n}", capacite=month + 1) for n in range(20)], f"mois-{month}"
        )
        assert (await world.send("centre", vacancy(structure="010000040")))[0] == 422
        await world.settled()
        assert len(world.siao.messages) == 20 * (month + 1)
        await accidents.all_settled(world)
        await later(world, timedelta(days=31))
        counts = {t: await world.count(t) for t in ("event", "delivery", "inbox", "quarantine", "audit")}
        sizes.append({**counts, "key": await world.count("holder_key")})
    assert sizes[-1] == sizes[-2], "elles ne grandissent plus"
    assert sizes[-1]["event"] == sizes[-1]["delivery"] == 3 * 20 - 20
    assert sizes[-1]["quarantine"] == 0
    before_long = datetime.now(UTC) - timedelta(days=31)
    assert all(kept.raw is None for kept in await world.messages() if kept.received_at < before_long)
    assert await world.count("subject") == 20, "où en est chaque place reste su"


async def test_what_is_still_due_or_undecided_is_never_removed(world: World) -> None:
    way_out = http(world.siao.port, world.secret, delai_s=1.0)
    await world.apply(world.registry(siao_01={"sortie": way_out}))
    place = await world.known_place()
    await world.send("siao-01", referral(place, 7))
    await until(lambda: world.shelter.messages, "l'orientation arrive")
    assert (await world.send("centre", vacancy(structure="010000040")))[0] == 422
    await world.send("siao-01", to_nobody(8, household=80))
    await until(lambda: in_quarantine(world), "il est en quarantaine")
    world.siao.status = 503
    await world.send("centre", vacancy("A-2"))
    await until(lambda: len(world.siao.attempts) > 1, "le SIAO est essayé")
    await world.stop()
    waiting = await due_or_undecided(world)
    refused = [entry.message_id for entry in await world.quarantined() if entry.message_id]
    assert len(waiting) == 2
    await later(world, timedelta(days=1000))
    assert await due_or_undecided(world) == waiting
    for message in refused:
        assert (await world.message(message)).raw is not None
    assert await world.backlog() == []
    (referred,) = await world.subjects("orientation")
    assert referred.menage in await world.keys(), "quelqu'un l'attend"
    world.siao.status = 204
    await world.start()
    await until(lambda: len(world.siao.messages) == 2, "ce qui attendait depuis mille jours arrive")


async def due_or_undecided(world: World) -> set[UUID]:
    """Events in the log that somebody is still owed, or that are in quarantine."""
    owed = {delivery.event_id for delivery in await world.deliveries() if delivery.etat != "livree"}
    stuck = {entry.event_id for entry in await world.quarantined()}
    return {event.id for event in await world.events()} & (owed | stuck)


@pytest.mark.parametrize("etat", ["en_attente", "en_vol", "deposee", "refusee", "incertaine"])
async def test_a_delivery_that_waits_for_somebody_stays_with_its_event_however_old(
    world: World, etat: str
) -> None:
    await world.known_place()
    await world.settled()
    await world.stop()
    await accidents.all_deliveries_are(world, etat)
    for days in (91, 1000):
        await later(world, timedelta(days=days))
    (delivery,) = await world.deliveries()
    assert delivery.etat == etat
    assert delivery.event_id in [event.id for event in await world.events()]


async def test_what_waits_behind_a_large_file_is_kept_and_delivered_once_however_late(
    prepared: World,
) -> None:
    world = prepared
    await world.start(Role.GATEWAY)
    assert (await world.send("centre", [vacancy(f"L-{n}", structure="010000040") for n in range(1001)]))[
        0
    ] == 202
    assert (await world.send("centre", vacancy("A-1")))[0] == 202
    await world.stop()
    await later(world, timedelta(days=91))
    assert await world.count("event") == 1
    await world.start()
    await until(lambda: world.siao.messages, "la vacance qui attendait derrière le gros fichier arrive")
    await read_again(world)
    assert len(world.siao.attempts) == 1


async def test_an_event_that_leaves_quarantine_late_has_one_effect_though_the_bus_is_read_again(
    world: World,
) -> None:
    await vacancy_in_quarantine(world, timedelta(days=100))
    await replayed(world, cause="Unroutable")
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue")
    await read_again(world)
    assert len(world.siao.attempts) == 1


async def test_an_event_that_is_closed_late_has_no_effect_though_the_bus_is_read_again(world: World) -> None:
    await vacancy_in_quarantine(world, timedelta(days=100))
    assert await close(world.database, jobs.Filter(cause="Unroutable"), "test", "place fermée") == 1
    await until(lambda: world.quarantined("classee"), "l'entrée est classée")
    await read_again(world)
    assert world.siao.attempts == []


async def vacancy_in_quarantine(world: World, age: timedelta) -> None:
    """For so long, that nobody received; somebody would by now."""
    await world.apply(world.registry(siao_01={"sortie": None, "dialecte_sortant": None}))
    assert (await world.send("centre", vacancy()))[0] == 202
    await until(lambda: in_quarantine(world), "la vacance est en quarantaine")
    await later(world, age)
    await world.apply(world.registry())


async def read_again(world: World) -> None:
    """The bus from its beginning, by workers whose log was swept at once and after weeks."""
    await world.settled()
    for days in (0, 29):
        await later(world, timedelta(days=days))
    await world.stop()
    await world.bus.rewind()
    await world.start()
    await until(lambda: caught_up(world), "les workers ont tout relu")
    await world.settled()


async def caught_up(world: World) -> bool:
    return await world.bus.lag() == 0


async def test_what_left_quarantine_is_forgotten_in_its_turn(world: World) -> None:
    await world.known_place()
    await world.send("siao-01", to_nobody(8, household=80))
    await until(lambda: in_quarantine(world), "il est en quarantaine")
    await world.apply(world.registry(centre={"structures": (FINESS, "010000040")}))
    await replayed(world, cause="Unroutable")
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue")
    for _ in range(2):  # an event goes in the sweep after that of its entry
        await later(world, timedelta(days=91))
    assert (await world.count("quarantine"), await world.count("event")) == (0, 0)


async def test_the_name_of_a_file_whose_bytes_may_not_be_kept_goes_with_those_of_the_others(
    door: World,
) -> None:
    hub = door.hub
    assert hub is not None
    body = json.dumps(vacancy(commentaire="NIR 1 85 05 78 006 084 91")).encode()
    native = Native(body, "application/json", "liste.json")
    report = await hub.intake.receive(native, hub.registry.partners["centre"], "hebergement_json")
    assert report.etat == "refuse"
    (kept,) = await door.messages()
    assert kept.raw is None
    assert kept.filename is not None
    await accidents.all_settled(door)
    await later(door, timedelta(days=31))
    assert not any(kept.filename for kept in await door.messages())
    assert await door.count("holder_key") == 0


MANY = 20_000


async def test_many_refused_messages_that_wait_for_a_decision_do_not_stop_the_retention(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accidents.many_refused_since(door, MANY, timedelta(days=40))
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 5.0)
    impatient = Database(door.settings.database)
    try:
        removed = await retention.sweep(impatient, door.settings)
    finally:
        await impatient.close()
    assert removed["octets reçus"] == 1
    assert sum(kept.raw is not None for kept in await door.messages()) == MANY


async def test_what_cannot_be_removed_is_named_and_keeps_nothing_else_from_being_removed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    menage = await household_of_a_closed_referral(world)
    sweep = retention._sweep

    async def fails_at_first(hub: Database, name: str) -> int:
        if name == "octets reçus":
            raise BusUnavailable("trop long")
        return await sweep(hub, name)

    monkeypatch.setattr(retention, "_sweep", fails_at_first)
    with pytest.raises(BusUnavailable, match=r"octets reçus$"):
        await later(world, timedelta(days=731))
    assert await world.count("event") == 0
    assert not await is_known(world, menage)


async def household_of_a_closed_referral(world: World, number: int = 7) -> UUID:
    """Nobody waits for an answer about it any more."""
    ours, before = await world.referred(number, f"A-{number}"), len(world.siao.of_type("orientation.refusee"))
    refusal = {"orientation": ours, "auteur": "STRUCTURE", "motif": "ANIMAL"}
    await world.send("centre", {"type": "orientation.refusee", **refusal})
    await until(lambda: len(world.siao.of_type("orientation.refusee")) > before, "le refus arrive")
    await world.settled()
    (menage,) = [known.menage for known in await world.subjects("orientation") if str(known.id) == ours]
    assert menage is not None
    return menage


async def is_known(world: World, menage: UUID) -> bool:
    return menage in await world.keys()


async def test_a_household_is_forgotten_two_years_after_its_last_news(world: World) -> None:
    menage = await household_of_a_closed_referral(world)
    await later(world, timedelta(days=729))
    assert await is_known(world, menage)
    await later(world, timedelta(days=2))
    assert not await is_known(world, menage)
    assert str(menage) in world.settings.erasures_file.read_text()


async def test_a_household_is_kept_as_long_as_its_erasure_cannot_be_journalled(world: World) -> None:
    menage = await household_of_a_closed_referral(world)
    world.settings.erasures_file.symlink_to("/dev/full")
    with pytest.raises(Misconfigured, match="journal des effacements"):
        await later(world, timedelta(days=731))
    assert await is_known(world, menage)
    world.settings.erasures_file.unlink()
    await later(world, timedelta(days=0))
    assert not await is_known(world, menage)


async def test_a_household_is_not_forgotten_under_a_message_that_waits_to_be_applied_or_decided(
    world: World,
) -> None:
    menage = await household_of_a_closed_referral(world)
    await later(world, timedelta(days=729))
    await heard_of_by_the_door_alone(world)
    await later(world, timedelta(days=2))
    assert len(await world.backlog()) == 1
    assert await is_known(world, menage)
    await world.stop()
    await world.start()
    await until(lambda: in_quarantine(world), "il est en quarantaine")
    await later(world, timedelta(days=2))
    assert await is_known(world, menage)


async def test_a_household_is_not_forgotten_while_a_message_of_it_is_undecided_however_old_and_then_it_is(
    world: World,
) -> None:
    menage = await household_of_a_closed_referral(world)
    await world.send("siao-01", to_nobody(8, household=70))
    await until(lambda: in_quarantine(world), "il est en quarantaine")
    await later(world, timedelta(days=1000))
    assert await is_known(world, menage)
    await accidents.all_settled(world)
    await later(world, timedelta(days=1))
    assert not await is_known(world, menage)


async def test_a_household_is_not_forgotten_under_a_message_that_nobody_has_applied_however_old(
    world: World,
) -> None:
    menage = await household_of_a_closed_referral(world)
    await heard_of_by_the_door_alone(world)
    for days in (29, 29, 1000):
        await later(world, timedelta(days=days))
    assert len(await world.backlog()) == 1
    assert await is_known(world, menage)


@pytest.mark.parametrize("unfinished", ["en_cours", "held"])
async def test_a_household_is_not_forgotten_under_a_message_that_is_not_wholly_taken_in_however_old(
    world: World, unfinished: str
) -> None:
    menage = await household_of_a_closed_referral(world)
    await world.stop()
    await accidents.left_unfinished(world, menage, unfinished)
    await later(world, timedelta(days=1000))
    assert await is_known(world, menage)
    await accidents.all_finished(world)
    await later(world, timedelta(days=1))
    assert not await is_known(world, menage)


async def test_a_household_that_is_heard_of_while_another_is_being_forgotten_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {await household_of_a_closed_referral(world, number): number for number in (7, 8)}
    forgotten: list[UUID] = []

    async def erase(connection: Connection, journal: Path, menage: UUID, actor: str) -> int:
        (other,) = (number for known, number in numbers.items() if known != menage)
        status, _ = await world.send("siao-01", to_nobody(100 + other, household=other * 10))
        assert status == 202
        forgotten.append(menage)
        return await forgetting.erase(connection, journal, menage, actor)

    monkeypatch.setattr(retention, "erase", erase)
    await later(world, timedelta(days=731))
    assert len(forgotten) == 1
    assert [await is_known(world, menage) for menage in numbers] == [m not in forgotten for m in numbers]


async def heard_of_by_the_door_alone(world: World) -> None:
    """A message about the household is accepted, and nobody applies it."""
    await world.stop()
    await world.start(Role.GATEWAY)
    assert (await world.send("siao-01", to_nobody(8, household=70)))[0] == 202


def to_nobody(number: int, household: int) -> dict[str, Any]:
    """A referral to a structure that the registry does not know."""
    stuck = to_structure("010000040", number)
    stuck["ficheGroupe"]["id"] = household
    return stuck


async def in_quarantine(world: World) -> bool:
    return any(entry.event_id for entry in await world.quarantined())
