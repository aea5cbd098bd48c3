"""What cannot be applied waits in quarantine, what follows it waits behind it, nobody else waits at all."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.base import Contrat, Nature
from contracts.envelope import Attributes, from_headers
from contracts.sealed import clear_half, to_bytes
from contracts.v1 import CONTRATS
from contracts.v1.alerte import AlerteAnomalie, MotifAnomalie
from contracts.v1.place import PlaceFermee
from ops.replay.job import BACK_ON_THE_BUS
from ops.replay.orders import close
from router.applying import applier, locking
from router.applying.applier import Applier
from router.domain.partners import Registry
from router.domain.roles import Role
from router.privacy.keyring import Keyring
from router.relay.shard import MAX_PAYLOAD_BYTES
from router.store import jobs, log
from tests.integration import accidents, lasting
from tests.integration.messages import cancellation, to_structure, vacancy
from tests.integration.quarantined import NOUVEAU_FINESS, entry, observed, replayed, two_parked
from tests.integration.registry import FINESS
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world


async def test_an_event_that_cannot_be_applied_holds_back_its_own_subject_and_no_other_and_so_does_its_failed_replay(
    world: World,
) -> None:
    _, stuck = await world.send("siao-01", to_structure(NOUVEAU_FINESS, 1))
    await until(world.quarantined, "l'événement est en quarantaine")
    _, behind = await world.send("siao-01", cancellation(1))
    await until(world.parked, "l'annulation attend derrière")
    await world.accepted("siao-01", to_structure(FINESS, 2))
    await until(lambda: len(world.shelter.messages) == 1, "l'autre orientation arrive")

    assert [m["type"] for m in world.shelter.messages] == ["orientation.proposee"]
    _, fate = await world.get("siao-01", f"/v1/messages/{stuck['id']}")
    assert (fate["evenements"][0]["etat"], fate["evenements"][0]["raison"]) == ("quarantaine", "Unroutable")
    _, fate = await world.get("siao-01", f"/v1/messages/{behind['id']}")
    assert fate["evenements"][0]["etat"] == "accepte", "accepté, pas encore appliqué"
    (entry,) = await world.quarantined()
    assert (entry.etat, entry.cause) == ("ouverte", "Unroutable")

    await replayed(world, cause="Unroutable")
    await until(lambda: world.quarantined("ouverte"), "l'événement est de nouveau en quarantaine")
    (waits,) = await world.backlog()
    assert await world.parked() == [waits]
    assert len(world.shelter.attempts) == 1, "l'autre orientation"


async def test_a_replay_brings_an_event_and_all_that_waited_behind_it_through_in_order(world: World) -> None:
    await world.accepted("siao-01", to_structure(NOUVEAU_FINESS, 1))
    await until(world.quarantined, "l'événement est en quarantaine")
    await world.accepted("siao-01", cancellation(1))
    await until(world.parked, "l'annulation attend derrière")
    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    world.shelter.status = 503
    assert await replayed(world, cause="Unroutable") == {BACK_ON_THE_BUS: 1}
    await until(lambda: world.shelter.attempts, "le centre est essayé")
    row = await entry(world)
    assert await observed(world, row) == "appliquee", "appliqué n'est pas livré"
    world.shelter.status = 204
    await until(lambda: len(world.shelter.messages) == 2, "les deux arrivent au centre")
    assert [m["type"] for m in world.shelter.messages] == ["orientation.proposee", "orientation.annulee"]
    await world.settled()
    assert await observed(world, row) == "resolue"
    (audited,) = await world.audited("quarantaine.rejouer")
    assert (audited.actor, audited.object) == ("test", str(row))


async def test_an_older_worker_leaves_what_a_newer_version_wrote_and_what_follows_it_to_that_version(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """During an upgrade both read the bus: the older one must neither judge what it cannot read nor overtake it."""
    await world.known_place()
    await world.settled()
    occupied = next(name for name in CONTRATS if name.endswith("place.occupee.v1"))
    older = {name: contrat for name, contrat in CONTRATS.items() if name != occupied}
    with monkeypatch.context() as version:
        for module in (applier, locking):
            version.setattr(module, "CONTRATS", older)
        await world.accepted("centre", {"type": "place.occupee", "place": "A-101"})
        await world.accepted("centre", {"type": "place.liberee", "place": "A-101"})
        await world.known_place("A-102")
        await world.bus.wait_until_read()
        assert await world.quarantined() == []
        assert {place.etat for place in await world.subjects("place")} == {"DISPONIBLE"}
        await world.stop()
    await world.start()
    await until(lambda: world.siao.of_type("place.liberee"), "la nouvelle version prend la suite")
    kinds = [m["type"] for m in world.siao.messages if m["type"] in ("place.occupee", "place.liberee")]
    assert kinds == ["place.occupee", "place.liberee"]


async def test_an_event_of_an_unknown_type_may_be_replayed_and_the_bus_goes_on(world: World) -> None:
    await world.known_place()
    (record,) = await world.bus.records()
    headers = {**dict(record.headers), "ce_type": b"fr.siao.inconnu.place.volante.v1"}
    headers |= {
        "ce_id": b"8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e",
        "ce_subject": b"00000000-0000-4000-8000-0000000000ff",
    }
    await world.publish(from_headers(list(headers.items())), record.value, "offre")
    await until(world.quarantined, "l'événement est en quarantaine")
    row = await entry(world)
    assert await replayed(world, cause="InvalidContract") == {BACK_ON_THE_BUS: 1}
    await until(lambda: world.quarantined("ouverte"), "il y est de nouveau")
    await world.known_place("A-102")
    (stuck,) = await world.quarantined()
    assert (stuck.id, stuck.etat) == (row, "ouverte")
    assert world.alive


async def test_a_closed_event_has_no_effect_and_what_waited_behind_it_follows_in_order(world: World) -> None:
    await world.apply(world.registry(siao_01={"sortie": None, "dialecte_sortant": None}))
    _, closed = await world.send("centre", vacancy(capacite=1))
    await until(world.quarantined, "la vacance est en quarantaine")
    for capacite in (2, 3):
        await world.accepted("centre", vacancy(capacite=capacite))
    await until(lambda: two_parked(world), "les deux suivantes attendent derrière elle")
    await world.apply(world.registry())
    await world.stop()
    await world.start(Role.GATEWAY)
    assert await close(world.database, jobs.Filter(row=await entry(world)), "test", "place fermée") == 1
    await world.accepted("centre", vacancy(capacite=4))
    await world.stop()
    await world.start()
    await until(lambda: len(world.siao.messages) == 3, "les autres arrivent")
    await world.settled()
    assert [message["place"]["capacite"] for message in world.siao.messages] == [2, 3, 4]
    assert [each.etat for each in await world.quarantined()] == ["classee"]
    _, fate = await world.get("centre", f"/v1/messages/{closed['id']}")
    assert (fate["evenements"][0]["etat"], fate["evenements"][0]["raison"]) == ("sans_effet", "classe")


async def too_long_for_the_bus(world: World, body: Any) -> Any:
    """What a gateway answers to a message of which the bus cannot carry the event; then all other roles start."""
    await world.start(Role.GATEWAY)
    status, answer = await world.send("centre", body)
    assert status == 202, answer
    await accidents.events_are_longer(world, by=MAX_PAYLOAD_BYTES)
    await world.stop()
    await world.start()
    return answer


async def test_what_the_bus_cannot_carry_holds_nobody_up_and_once_closed_what_waited_behind_it_follows_in_order(
    prepared: World,
) -> None:
    world = prepared
    answer = await too_long_for_the_bus(world, vacancy("A-9"))
    await world.known_place()
    (stuck,) = await world.quarantined()
    assert (stuck.etat, stuck.cause, stuck.partner) == ("ouverte", "InvalidContract", "centre")
    _, fate = await world.get("centre", f"/v1/messages/{answer['id']}")
    assert fate["evenements"][0]["etat"] == "quarantaine"
    for capacite in (2, 3):
        await world.accepted("centre", vacancy("A-9", capacite=capacite))
    await until(lambda: two_parked(world), "les deux suivantes attendent derrière elle")
    await world.stop()
    await world.start(Role.GATEWAY)
    assert await close(world.database, jobs.Filter(row=await entry(world)), "test", "trop longue") == 1
    await world.accepted("centre", vacancy("A-9", capacite=4))
    await world.stop()
    await world.start()
    await until(lambda: len(world.siao.messages) == 4, "les autres arrivent, après l'autre place")
    assert [message["place"]["capacite"] for message in world.siao.messages[1:]] == [2, 3, 4]
    assert [each.etat for each in await world.quarantined()] == ["classee"]


async def test_of_two_batches_at_once_about_one_subject_the_second_waits_behind_what_the_first_put_into_quarantine(
    prepared: World,
) -> None:
    place = uuid4()
    await prepared.sql(
        "INSERT INTO subject (id, nature, etat, version, donnees)"
        """ VALUES ($1, 'place', 'DISPONIBLE', 1, '{"gestionnaire": "centre"}')""",
        place,
    )
    nobody_hears = Registry.of(p for p in prepared.registry().everybody.values() if p.id != "siao-01")
    anomaly = AlerteAnomalie(
        objet=place,
        nature=Nature.PLACE,
        evenement=uuid4(),
        type_evenement=PlaceFermee.TYPE,
        emetteur="centre",
        motif=MotifAnomalie.SUJET_INCONNU,
    )
    entries = [said("centre", PlaceFermee(place=place)), said("siao-hub", anomaly)]
    keyring = Keyring.of(prepared.settings)
    async with prepared.database.transaction() as connection:
        await log.append(connection, keyring.prover, entries)
    applier = Applier(prepared.database, keyring.prover, timedelta(hours=1), keyring.get)
    async with prepared.database.transaction() as connection:
        await connection.execute("SELECT FROM subject WHERE id = $1 FOR UPDATE", place)
        both = asyncio.gather(*(applier.apply([each], nobody_hears) for each in entries))
        await until(lambda: two_wait(prepared), "les deux lots attendent la place")
    await both
    assert len(await prepared.quarantined()) == 1
    assert len(await prepared.parked()) == 1


def said(source: str, contrat: Contrat) -> log.Entry:
    attributes = Attributes(uuid4(), contrat.TYPE, source, contrat.sujet, datetime.now(UTC), "01", uuid4())
    return log.Entry(attributes, to_bytes(clear_half(contrat), ()))


async def two_wait(world: World) -> bool:
    return await world.waiting_for_locks() >= 2
