"""A partner without a server: it lists, fetches and acknowledges."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.partner import ClasseLivraison
from contracts.v1 import CONTRATS
from contracts.v1.orientation import OrientationProposee
from ops.tasks import deciding as tasks
from ops.tracing.whose_turn import COLLECTS
from router.delivery import mailbox, rendering
from router.domain.partners import Registry
from router.domain.roles import AT_WORK
from router.store import lanes
from router.store import mailbox as mailboxes
from router.store.database import LANES
from tests.integration import accidents, clock, lasting
from tests.integration.messages import cancellation, referral, vacancy
from tests.integration.registry import AUTRE_FINESS, http, key_of
from tests.integration.waiting import until
from tests.integration.world import Reply, World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

OWNER, STRANGER = "centre-boite", "centre"


async def referred_to_the_mailbox(world: World, number: int = 1) -> None:
    """A referral that waits in the mailbox."""
    before = len(world.siao.messages)
    await world.accepted(OWNER, vacancy(f"B-{number}", structure=AUTRE_FINESS))
    await until(lambda: len(world.siao.messages) > before, "la vacance arrive au SIAO")
    place = world.siao.messages[-1]["place"]["identifiantExterne"]
    waiting = len(await listed(world))
    status, body = await world.send("siao-01", referral(place, number))
    assert status == 202, body

    async def arrived() -> bool:
        return len(await listed(world)) > waiting

    await until(arrived, "l'orientation est dans la boîte")


async def listed(world: World, query: str = "") -> list[dict[str, Any]]:
    status, body = await world.get(OWNER, f"/v1/boite{query}")
    assert status == 200
    envois: list[dict[str, Any]] = body["envois"]
    return envois


async def acknowledged(world: World, cle: str, partner: str = OWNER) -> Reply:
    headers = {"Authorization": f"Bearer {key_of(partner)}"}
    return await world.post(b"", path=f"/v1/boite/{cle}/accuse", **headers)


async def received(world: World) -> Any:
    """When the hub has noted that the referral was received."""
    (referral,) = await world.subjects("orientation")
    return json.loads(referral.donnees).get("remise_le")


async def nobody_else_sees_or_acknowledges(world: World, cle: str) -> None:
    status, body = await world.get(STRANGER, "/v1/boite")
    assert (status, body["envois"]) == (200, [])
    status, problem = await world.get(STRANGER, f"/v1/boite/{cle}")
    assert (status, problem["type"]) == (404, "urn:siao:probleme:envoi-inconnu")
    assert (await acknowledged(world, cle, STRANGER)).status == 404
    assert (await acknowledged(world, "pas-une-cle")).status == 404
    assert (await acknowledged(world, "8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e")).status == 404


async def test_a_delivery_is_its_recipients_alone_until_its_acknowledgement_which_counts_once_and_a_week_longer(
    world: World,
) -> None:
    await referred_to_the_mailbox(world)
    (envoi,) = await listed(world)
    cle = envoi["cle"]
    status, content = await world.get(OWNER, f"/v1/boite/{cle}")
    assert (status, content["type"], content["place"]) == (200, "orientation.proposee", "B-1")
    assert content["menage"]["personnes"][0]["nom"] == "Fictif"
    await nobody_else_sees_or_acknowledges(world, cle)
    assert await listed(world) == [envoi], "lire n'est pas confirmer la réception"
    (owed,) = (await world.get(OWNER, "/v1/orientations"))[1]["orientations"]
    assert (owed["au_tour_de"], owed["attendu"]) == ("vous", COLLECTS)
    await world.settled()
    assert await received(world) is None, "déposé n'est pas remis"
    reply = await acknowledged(world, cle)
    assert (reply.status, reply.body) == (200, {"cle": cle, "etat": "recu"})
    assert await listed(world) == []
    first = await until(lambda: received(world), "la remise est notée")
    await world.settled()
    before = await world.state()
    assert (await acknowledged(world, cle)).status == 200
    await world.settled()
    assert await world.state() == before
    assert await received(world) == first
    assert len(await world.events(kind="livraison.remise")) == 1
    await clock.delivery_grows_older(world, UUID(cle), timedelta(days=6))
    assert (await world.get(OWNER, f"/v1/boite/{cle}"))[0] == 200, "relire reste possible"
    await clock.delivery_grows_older(world, UUID(cle), timedelta(days=2))
    assert (await world.get(OWNER, f"/v1/boite/{cle}"))[0] == 404
    assert (await acknowledged(world, cle)).status == 200, "l'accusé se répète toujours"


REFUSAL = {"type": "orientation.refusee", "auteur": "STRUCTURE", "motif": "ANIMAL"}


async def test_a_household_that_is_no_more_its_recipients_is_named_no_more_acknowledged_or_not(
    world: World,
) -> None:
    for number in (1, 2):
        await referred_to_the_mailbox(world, number)
    withdrawn, refused = [each["cle"] for each in await listed(world)]
    before = {cle: (await world.get(OWNER, f"/v1/boite/{cle}"))[1] for cle in (withdrawn, refused)}
    await world.accepted("siao-01", cancellation(1))
    await acknowledged(world, refused)
    status, _ = await world.send(OWNER, {**REFUSAL, "orientation": before[refused]["orientation"]})
    assert status == 202
    await world.settled()
    for cle, was in before.items():
        status, after = await world.get(OWNER, f"/v1/boite/{cle}")
        assert (status, after["type"], after["orientation"]) == (200, was["type"], was["orientation"])
        assert was["menage"]["personnes"][0]["nom"] == "Fictif"
        assert "Fictif" not in json.dumps(after)
        assert "personnes" not in after["menage"] or "nom" not in after["menage"]["personnes"][0]


async def test_a_mailbox_shows_the_oldest_first_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await referred_to_the_mailbox(world, 1)
    await world.accepted("siao-01", cancellation(1))

    await number_of_items(world, 2)
    oldest, newest = await listed(world)
    _, page = await world.get(OWNER, "/v1/boite?limite=1")
    assert [envoi["cle"] for envoi in page["envois"]] == [oldest["cle"]]
    assert await listed(world, f"?apres={page['suivant']}") == [newest]
    monkeypatch.setattr(mailbox, "AT_ONCE", 1)
    monkeypatch.setattr(mailbox, "MOST_OPENED", 1)
    _, costly = await world.get(OWNER, "/v1/boite")
    assert costly["envois"] == [oldest], "une page finit quand elle a assez coûté, et dit où reprendre"
    assert await listed(world, f"?apres={costly['suivant']}") == [newest]
    await acknowledged(world, oldest["cle"])
    assert await listed(world, f"?apres={oldest['cle']}") == [newest], "une marque accusée reste valable"


async def test_what_is_put_into_a_mailbox_between_two_pages_comes_on_the_next_one_in_the_order_of_its_subject(
    world: World,
) -> None:
    await referred_to_the_mailbox(world, 1)
    await referred_to_the_mailbox(world, 2)
    await world.accepted("siao-01", cancellation(1))
    await number_of_items(world, 3)
    late, other, end_of_late = await listed(world)
    (subject,) = {each.subject for each in await world.deliveries(OWNER) if each.id == UUID(late["cle"])}
    await accidents.partner_is_late(world, OWNER, subject)
    _, page = await world.get(OWNER, "/v1/boite?limite=1")
    assert page["envois"] == [other]
    await clock.lanes_fall_due(world)
    assert world.hub is not None
    world.hub.wake[LANES].set()
    await number_of_items(world, 3)
    following = [each["cle"] for each in await listed(world, f"?apres={page['suivant']}")]
    assert following == [late["cle"], end_of_late["cle"]]


async def number_of_items(world: World, number: int) -> None:
    async def as_many() -> bool:
        return len(await listed(world)) == number

    await until(as_many, f"{number} envois sont dans la boîte")


async def test_behind_a_type_that_only_a_newer_version_knows_nothing_of_its_subject_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        await referred_to_the_mailbox(world, number)
        await world.accepted("siao-01", cancellation(number))
    await number_of_items(world, 4)
    proposed, cancelled, read_before, other = await listed(world)
    await acknowledged(world, read_before["cle"])
    with monkeypatch.context() as version:
        known = {name: contrat for name, contrat in CONTRATS.items() if name != OrientationProposee.TYPE}
        version.setattr(rendering, "CONTRATS", known)
        _, page = await world.get(OWNER, "/v1/boite?limite=1")
        assert (page["envois"], page["suivant"]) == ([other], None)
        status, problem = await world.get(OWNER, f"/v1/boite/{proposed['cle']}")
        assert (status, problem["type"]) == (503, "urn:siao:probleme:momentanement-indisponible")
    assert await listed(world) == [proposed, cancelled, other]


async def test_an_item_that_may_be_read_no_more_hides_nothing_behind_it(world: World) -> None:
    for number in (1, 2, 3):
        await referred_to_the_mailbox(world, number)
    oldest, second, newest = await listed(world)
    await accidents.event_is_damaged(world, UUID(oldest["cle"]))
    await accidents.event_names_nobody(world, UUID(second["cle"]))
    assert await listed(world, "?limite=1") == [newest]
    refused = [delivery.id for delivery in await world.deliveries() if delivery.etat == "refusee"]
    assert refused == [UUID(oldest["cle"]), UUID(second["cle"])]


async def test_what_a_dispatcher_puts_into_a_mailbox_that_its_partner_has_just_left_is_sent_by_the_server(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await referred_to_the_mailbox(world)
    (envoi,) = await listed(world)
    hub, may_read = world.hub, asyncio.Event()
    assert hub is not None
    read = hub.refresh_registry

    async def late() -> None:
        await may_read.wait()
        await read()

    monkeypatch.setattr(hub, "refresh_registry", late)
    (before,) = await world.lanes(OWNER)
    await world.write_registry(
        world.registry(centre_boite={"sortie": http(world.shelter.port, world.secret)})
    )
    hub.wake[LANES].set()

    async def is_there_anew() -> bool:
        (lane,) = await world.lanes(OWNER)
        return lane.token != before.token and await is_now(world, "deposee")

    await until(is_there_anew, "sorti de la boîte, mais le dispatcher ne connaît encore qu'elle")
    assert world.shelter.attempts == []
    may_read.set()
    await until(lambda: is_now(world, "livree"), "le dépôt part par l'autre voie")
    assert len(world.shelter.attempts) == 1
    assert world.shelter.keys == [envoi["cle"]]


async def is_now(world: World, etat: str) -> bool:
    return {each.etat for each in await world.deliveries(OWNER)} == {etat}


async def test_a_delivery_goes_by_the_entry_by_which_it_was_written_although_another_is_known_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub, claim = world.hub, lanes.claim
    assert hub is not None
    dispatcher = hub.dispatcher
    assert dispatcher is not None
    entry = {
        "sortie": http(world.shelter.port, world.secret),
        "dialectes": ("hebergement_json", "cloudevents_json"),
        "dialecte_sortant": "cloudevents_json",
    }

    async def claimed(*arguments: Any) -> Any:
        claims = await claim(*arguments)
        if any(each.partner == OWNER for each in claims) and hub.registry != world.registry(
            centre_boite=entry
        ):
            await world.apply(world.registry(centre_boite=entry))
            dispatcher.reserve({OWNER: 1}).give_back()  # a worker of this process asks for the new entry
        return claims

    await referred_to_the_mailbox(world)
    monkeypatch.setattr(lanes, "claim", claimed)
    await accidents.crash_while_sending(world, OWNER)
    hub.wake[LANES].set()
    (told,) = await until(lambda: world.shelter.messages, "l'orientation part par le serveur")
    assert "specversion" in told, "et dans son dialecte"
    assert len(world.shelter.attempts) == 1


async def moved_out(world: World, livraison: ClasseLivraison, **sortie: Any) -> None:
    """The mailbox's owner is of this class, and has a server instead."""
    way_out = http(world.shelter.port, world.secret, **sortie)
    await world.apply(world.registry(centre_boite={"livraison": livraison, "sortie": way_out}))


async def test_what_its_partner_may_have_collected_and_cannot_recognise_stays_till_its_entry_can_be_read_then_is_a_task(
    world: World,
) -> None:
    await referred_to_the_mailbox(world)
    await accidents.entry_is_unreadable(world, OWNER)
    async with world.database.transaction() as connection:
        await mailboxes.empty_mailboxes(connection)
    assert await is_now(world, "deposee")
    await moved_out(world, ClasseLivraison.AUCUNE)
    await until(lambda: has_task(world, "incertaine"), "le dépôt est à décider")
    assert world.shelter.attempts == []


@pytest.mark.parametrize(("knows", "attempts"), [(True, 0), (False, 1)])
async def test_a_partner_that_can_be_asked_is_asked_for_what_it_may_have_collected(
    world: World, knows: bool, attempts: int
) -> None:
    await referred_to_the_mailbox(world)
    (envoi,) = await listed(world)
    world.shelter.knows = knows
    question = f"http://127.0.0.1:{world.shelter.port}/recus/{{cle}}"
    await moved_out(world, ClasseLivraison.INTERROGEABLE, question=question)
    await until(lambda: envoi["cle"] in world.shelter.asked, "le centre est interrogé")
    await world.settled()
    assert len(world.shelter.attempts) == attempts


async def test_what_lies_in_the_mailbox_of_a_partner_that_is_no_more_waits_and_is_soon_somebodys_task(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.running.scheduler.TICK_SECONDS", 0.2)
    world = prepared
    await world.start(*AT_WORK)
    await referred_to_the_mailbox(world)
    others = [p for p in world.registry().partners.values() if p.id != OWNER]
    await world.apply(Registry.of(others))
    await clock.grow_older(world, "delivery", timedelta(minutes=16))
    await until(lambda: has_task(world, "en_vol"), "ce qui y était")
    await accidents.all_deliveries_are(world, "deposee")  # by a dispatcher that has not heard of it yet
    await until(lambda: has_task(world, "en_vol"), "ce qui y fut posé après coup aussi")


async def has_task(world: World, etat: str) -> bool:
    return [task.etat for task in await tasks.waiting(world.database, [OWNER], limit=10)] == [etat]
