"""A simulated year: the tables stay bounded, and nothing that is due or undecided is ever removed."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from contracts.ports import Native
from contracts.rythme import Fermeture
from ops.forgetting.erasing import forget
from ops.forgetting.journal import Journal
from ops.person.asking import answer, ask
from ops.person.rights import Droit, Issue
from ops.replay.orders import close
from ops.retention import sweeping as retention
from router.domain.roles import Role
from router.store import database, jobs
from router.store.database import Database
from tests.integration import accidents, lasting
from tests.integration.large_files import in_hundreds, sent
from tests.integration.messages import referral, vacancy
from tests.integration.quarantined import replayed
from tests.integration.registry import FINESS, http
from tests.integration.retained import in_quarantine, later, to_nobody
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, prepared, world = lasting.door, lasting.prepared, lasting.world

PLACES = 5


def closed() -> Fermeture:
    """All the time: the hub, which looks by itself, doubts nothing that a partner says and expects nothing of it."""
    today, long = datetime.now(UTC).date(), timedelta(days=1000)
    return Fermeture(du=today - long, au=today + long)


async def test_over_a_year_of_traffic_the_tables_hold_three_months_and_their_audit(world: World) -> None:
    await world.apply(world.registry(centre={"fermetures": (closed(),)}))
    sizes = []
    for month in range(14):
        await world.accepted(
            "centre", [vacancy(f"A-{n}", capacite=month + 1) for n in range(PLACES)], f"mois-{month}"
        )
        assert (await world.send("centre", vacancy(structure="010000040")))[0] == 422
        await world.settled()
        assert len(world.siao.messages) == PLACES * (month + 1)
        await accidents.all_settled(world)
        await later(world, timedelta(days=31))
        counts = {t: await world.count(t) for t in ("event", "delivery", "inbox", "quarantine", "audit")}
        sizes.append({**counts, "key": await world.count("holder_key")})
    assert sizes[-1] == sizes[-2], "elles ne grandissent plus"
    assert sizes[-1]["event"] == sizes[-1]["delivery"] == 2 * PLACES
    assert sizes[-1]["quarantine"] == 0
    before_long = datetime.now(UTC) - timedelta(days=31)
    assert all(kept.raw is None for kept in await world.messages() if kept.received_at < before_long)
    assert await world.count("subject") == PLACES, "où en est chaque place reste su"


async def test_an_answered_request_of_a_person_stays_a_year_and_as_long_as_it_limits_what_is_known(
    world: World,
) -> None:
    await world.referred(7, "A-7")
    menage = next(known.menage for known in await world.subjects("orientation"))
    assert menage is not None
    answered = {
        droit: await ask(world.database, menage, droit, datetime.now(UTC), "test", "sa demande")
        for droit in (Droit.ACCES, Droit.LIMITATION, Droit.OPPOSITION)
    }
    waiting = await ask(world.database, menage, Droit.PORTABILITE, datetime.now(UTC), "test", "sa demande")
    for each in answered.values():
        await answer(world.database, each.id, Issue.ACCORDEE, "test", "sa demande")
    await later(world, timedelta(days=364))
    assert len(await requests(world)) == 4
    await later(world, timedelta(days=2))
    assert await requests(world) == {
        answered[Droit.LIMITATION].id,
        answered[Droit.OPPOSITION].id,
        waiting.id,
    }
    await answer(world.database, answered[Droit.LIMITATION].id, Issue.LEVEE, "test", "sa demande")
    await later(world, timedelta(days=366))
    assert await requests(world) == {answered[Droit.OPPOSITION].id, waiting.id}
    assert await world.count("limitation") > 0
    await forget(world.database, Journal.of(world.settings), menage, "test", force=True)
    await later(world, timedelta(days=0))
    assert await requests(world) == {waiting.id}
    assert await world.count("limitation") == 0, "un ménage oublié n'a plus rien à limiter"


async def requests(world: World) -> set[UUID]:
    """Requests of people that the hub still has."""
    return {row["id"] for row in await world.sql("SELECT id FROM person_request")}


async def test_what_is_still_due_or_undecided_is_never_removed(world: World) -> None:
    way_out = http(world.siao.port, world.secret, delai_s=1.0)
    await world.apply(world.registry(siao_01={"sortie": way_out}))
    place = await world.known_place()
    await world.accepted("siao-01", referral(place, 7))
    await until(lambda: world.shelter.messages, "l'orientation arrive")
    assert (await world.send("centre", vacancy(structure="010000040")))[0] == 422
    await world.accepted("siao-01", to_nobody(8, household=80))
    await until(lambda: in_quarantine(world), "il est en quarantaine")
    world.siao.status = 503
    await world.accepted("centre", vacancy("A-2"))
    await until(lambda: refused_by_the_siao(world), "le SIAO est essayé")
    await world.stop()
    waiting = await due_or_undecided(world)
    refused = [entry.message_id for entry in await world.quarantined() if entry.message_id]
    assert len(waiting) == 2
    await later(world, timedelta(days=1000))
    assert await due_or_undecided(world) == waiting
    assert [entry.message_id for entry in await world.quarantined("ouverte") if entry.message_id] == refused
    assert await world.backlog() == []
    (referred,) = await world.subjects("orientation")
    assert referred.menage in await world.keys(), "quelqu'un l'attend"
    world.siao.status = 204
    await world.start()

    async def only_what_is_undecided() -> bool:
        return await due_or_undecided(world) == {entry.event_id for entry in await world.quarantined()} - {
            None
        }

    await until(only_what_is_undecided, "ce qui attendait depuis mille jours arrive")
    assert len(world.siao.messages) >= 2, "et la place d'avant ; l'alerte du délai passé peut suivre"


def refused_by_the_siao(world: World) -> set[str]:
    """Keys of what was tried at the SIAO, and never taken."""
    return {attempt.key for attempt in world.siao.attempts} - {*world.siao.keys}


async def due_or_undecided(world: World) -> set[UUID]:
    """Events in the log that somebody is still owed, or that are in quarantine."""
    owed = {delivery.event_id for delivery in await world.deliveries() if delivery.etat != "livree"}
    stuck = {entry.event_id for entry in await world.quarantined()}
    return {event.id for event in await world.events()} & (owed | stuck)


async def test_a_delivery_that_waits_for_somebody_stays_with_its_event_however_old(world: World) -> None:
    await world.known_place()
    await world.settled()
    await world.stop()
    for etat in ("en_attente", "en_vol", "deposee", "refusee", "incertaine"):
        await accidents.all_deliveries_are(world, etat)
        for days in (91, 1000):
            await later(world, timedelta(days=days))
        (delivery,) = await world.deliveries()
        assert delivery.etat == etat
        assert delivery.event_id in [event.id for event in await world.events()], etat


async def test_what_waits_behind_a_large_file_is_kept_and_delivered_once_however_late(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = prepared
    await world.start(Role.GATEWAY)
    in_hundreds(world, monkeypatch)
    await sent(world, [vacancy(f"L-{n}", structure="010000040") for n in range(101)])
    assert (await world.send("centre", vacancy("A-1")))[0] == 202
    await world.stop()
    await later(world, timedelta(days=91))
    assert await world.count("event") == 1
    await world.start()
    vacancies = partial(world.siao.of_type, "place.vacante")  # that it is out of date by then is told apart
    await until(vacancies, "la vacance qui attendait derrière le gros fichier arrive")
    await read_again(world)
    assert len(vacancies()) == 1


async def test_an_event_that_leaves_quarantine_late_has_one_effect_and_a_closed_one_none_though_the_bus_is_read_again(
    world: World,
) -> None:
    # for so long, that nobody received; somebody would by now
    await world.apply(world.registry(siao_01={"sortie": None, "dialecte_sortant": None}))
    for number, place in enumerate(("A-1", "A-2"), start=1):
        assert (await world.send("centre", vacancy(place)))[0] == 202
        await until(partial(in_quarantine, world, number), "la vacance est en quarantaine")
    await later(world, timedelta(days=100))
    await world.apply(world.registry())
    closed, sent_on = [entry for entry in await world.quarantined() if entry.event_id]
    assert await close(world.database, jobs.Filter(row=closed.id), "test", "place fermée") == 1
    await until(lambda: world.quarantined("classee"), "l'entrée est classée")
    await replayed(world, row=sent_on.id)
    vacancies = partial(world.siao.of_type, "place.vacante")  # that it is out of date by then is told apart
    await until(vacancies, "la vacance arrive au SIAO")
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue")
    await read_again(world)
    assert len(vacancies()) == 1
    (known,) = await world.subjects("place")
    assert {str(known.id)} == {
        attempt.body["place"]["identifiantExterne"]
        for attempt in world.siao.attempts
        if attempt.body["type"] == "place.vacante"
    }
    assert {delivery.event_id for delivery in await world.deliveries()}.isdisjoint({closed.event_id})


async def read_again(world: World) -> None:
    """The bus from its beginning, by workers whose log was swept at once and after weeks."""
    await world.settled()
    for days in (0, 29):
        await later(world, timedelta(days=days))
    await world.stop()
    await world.bus.rewind()
    await world.start()
    await world.bus.wait_until_read()
    await world.settled()


async def test_what_left_quarantine_is_forgotten_in_its_turn(world: World) -> None:
    await world.known_place()
    await world.accepted("siao-01", to_nobody(8, household=80))
    await until(lambda: in_quarantine(world), "il est en quarantaine")
    known = {"structures": (FINESS, "010000040"), "fermetures": (closed(),)}
    await world.apply(world.registry(centre=known))
    await replayed(world, cause="Unroutable")
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue")
    await world.settled()
    for _ in range(2):  # an event goes in the sweep after that of its entry
        await later(world, timedelta(days=91))
    assert (await world.count("quarantine"), await world.count("event")) == (0, 0)


async def test_of_a_file_that_may_not_be_kept_not_even_its_name_is(door: World) -> None:
    hub = door.hub
    assert hub is not None
    body = json.dumps(vacancy(commentaire="NIR 1 85 05 78 006 084 91")).encode()
    native = Native(body, "application/json", "liste.json")
    report = await hub.intake.receive(native, hub.registry.partners["centre"], "hebergement_json")
    assert report.etat == "refuse"
    (kept,) = await door.messages()
    assert (kept.raw, kept.filename) == (None, None)
    assert await door.count("holder_key") == 0


MANY = 20_000


async def test_many_refused_messages_that_wait_for_a_decision_do_not_stop_the_retention(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accidents.many_refused_since(door, MANY, timedelta(days=40))
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 30.0)
    impatient = Database(door.settings.database)
    try:
        removed = await retention.sweep(impatient, door.settings)
    finally:
        await impatient.close()
    assert removed["octets reçus"] == MANY + 1
    assert len(await door.quarantined("ouverte")) == MANY
