"""A demand goes from one SIAO to another: history and open loops with it, its household sealed until the acceptance."""

import json
from typing import Any

import pytest
import pytest_asyncio

from contracts.partner import Famille
from router.domain.roles import Role
from tests.integration import lasting
from tests.integration.auditing import sealed
from tests.integration.large_files import BAD, CHUNK, Ended, decoder, in_hundreds
from tests.integration.lasting import Lasting
from tests.integration.messages import vacancy
from tests.integration.proved import receipt
from tests.integration.registry import FINESS
from tests.integration.test_families import demand, household, joined, mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

CANARIES = ("Canarinom", "Canariprenom")
SECOND = "siao-69"


def with_canaries() -> dict[str, Any]:
    """A demand whose household has a name that turns up nowhere else."""
    said = demand(dispositif="INSERTION")
    person = {"nom": CANARIES[0], "prenom": CANARIES[1], "sexe": "M"}
    return {**said, "menage": {**said["menage"], "personnes": [person]}}


@pytest_asyncio.fixture(loop_scope="module")
async def two(world: World) -> World:
    """A world with a second SIAO, and a demand that a CCAS has brought to the first."""
    await joined(
        world,
        mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox(SECOND, Famille.SIAO, "si_siao_json", territoire="69"),
    )
    await world.accepted("ccas", with_canaries())
    return world


async def brought(world: World) -> str:
    """The hub's id of the demand that the first SIAO has received."""
    (told,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    return str(told["demande"]["identifiantExterne"])


def about(demande: str, number: int, event: str, **more: Any) -> dict[str, Any]:
    return {"idMessage": number, "type": event, "demande": {"identifiantExterne": demande}, **more}


async def proposed(world: World, demande: str) -> dict[str, Any]:
    """The proposal as the second SIAO collects it."""
    suite = {"territoire": "69", "composition": 20, "nbAdultes": 1}
    await world.accepted("siao-01", about(demande, 60, "demande.transferee", suite=suite))
    (proposal,) = await world.collected(SECOND, 1)
    return proposal


async def test_the_second_siao_gets_the_need_then_everything_once_it_accepts(two: World) -> None:
    demande = await brought(two)
    await two.accepted(
        "siao-01",
        about(
            demande,
            59,
            "demande.evaluee",
            evaluation={"dateEvaluation": "2026-03-10", "preconisation": "INSERTION"},
        ),
    )
    await two.settled()
    proposal = await proposed(two, demande)
    assert proposal["type"] == "demande.transferee"
    assert not any(canary in json.dumps(proposal) for canary in CANARIES)
    await two.accepted(SECOND, about(demande, 1, "demande.transfert-accepte"))
    received, evaluated = await two.collected(SECOND, 2)
    assert (received["type"], evaluated["type"]) == ("demande.recue", "demande.evaluee")
    assert all(canary in json.dumps(received) for canary in CANARIES)
    (accepted,) = await until(
        lambda: two.siao.of_type("demande.transfert-accepte"), "le premier SIAO l'apprend"
    )
    assert accepted["demande"]["identifiantExterne"] == demande


async def test_the_second_siao_gets_nothing_of_a_file_that_the_hub_decodes_and_then_refuses(
    lasting: Lasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = (Role.GATEWAY, Role.RELAY, Role.WORKER, Role.DISPATCHER)
    world = in_hundreds(await lasting.running(*roles), monkeypatch)
    await joined(
        world,
        mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json", tout_ou_rien=True),
        mailbox(SECOND, Famille.SIAO, "si_siao_json", territoire="69"),
    )
    await world.accepted("ccas", with_canaries())
    await proposed(world, demande := await brought(world))
    completed = {**with_canaries(), "type": "demande.completee", "idEvenement": "2"}
    others = [demand(demande=f"D-{n}", idEvenement=f"e-{n}") for n in range(CHUNK)]
    await world.accepted("ccas", [completed, *others, demand(demande="D-x", idEvenement="x", **BAD)])
    assert await decoder(world, Ended)._next()
    assert len(await world.events("ccas")) == CHUNK + 1, "une centaine de lignes attendent la fin du fichier"
    await world.accepted(SECOND, about(demande, 1, "demande.transfert-accepte"))
    assert [each["type"] for each in await world.collected(SECOND, 1)] == ["demande.recue"]
    assert await decoder(world)._next()
    await world.settled()
    assert [each.etat for each in await world.messages("ccas")] == ["accepte", "refuse"]
    assert (await world.get(SECOND, "/v1/boite"))[1]["envois"] == []
    logged = {each.id for each in await world.events()}
    assert {each.event_id for each in await world.deliveries()} <= logged


async def fates_of(world: World, partner: str) -> str:
    """What the hub tells a partner of its own messages, as JSON."""
    _, own = await world.get(partner, "/v1/messages")
    return json.dumps([await world.get(partner, f"/v1/messages/{each['id']}") for each in own["messages"]])


async def test_what_comes_late_finds_the_second_the_first_is_told_why_and_who_brought_the_household_not_who_has_it(
    two: World,
) -> None:
    demande = await brought(two)
    await proposed(two, demande)
    await two.accepted(SECOND, about(demande, 1, "demande.transfert-accepte"))
    await two.collected(SECOND, 1)
    await two.settled()
    before = len(two.siao.messages)
    await two.accepted("ccas", {**with_canaries(), "type": "demande.completee", "idEvenement": "2"})
    (completed,) = await two.collected(SECOND, 1)
    assert completed["type"] == "demande.completee"
    status, problem = await two.send(
        "siao-01", about(demande, 61, "demande.annulee", suite={"motif": "ERREUR"})
    )
    assert (status, problem["rejets"][0]["code"]) == (422, "demande_transferee")
    await two.settled()
    assert len(two.siao.messages) == before

    await sealed(two)
    assert SECOND in await fates_of(two, "siao-01")
    await two.sql("UPDATE delivery SET error = partner")
    fates = await fates_of(two, "ccas")
    assert fates.count('"etat": "livree"') == 3
    assert SECOND not in fates
    _, *taken = await two.deliveries(SECOND)
    for delivery in taken:
        status, headers, _ = await receipt(two, delivery.id, "ccas", of="livraisons")
        assert (status, "Retry-After" in headers) == (404, False)
    assert (await receipt(two, taken[0].id, SECOND, of="livraisons"))[0] == 200


async def test_an_urgent_referral_goes_on_under_the_second_siao_which_is_told_of_it(two: World) -> None:
    demande = await brought(two)
    place = await two.known_place("U-1")
    referral = {
        "idMessage": 62,
        "type": "orientation.proposee",
        "orientation": {"id": 900, "dispositif": "URGENCE", "demande": demande},
        "place": {"identifiantExterne": place},
        "ficheGroupe": household(),
    }
    await two.accepted("siao-01", referral)
    (sent,) = await until(lambda: two.shelter.messages, "l'orientation arrive au centre")
    await two.settled()
    await proposed(two, demande)
    await two.accepted(SECOND, about(demande, 1, "demande.transfert-accepte"))
    taken = await two.collected(SECOND, 2)
    assert {each["type"] for each in taken} == {"demande.recue", "orientation.proposee"}
    arrival = {"type": "entree.constatee", "orientation": sent["orientation"], "entreeLe": "2026-03-05"}
    await two.accepted("centre", arrival)
    (arrived,) = await two.collected(SECOND, 1)
    assert arrived["type"] == "entree.constatee"
    assert not two.shelter.of_type("orientation.annulee")
    (held,) = await two.subjects("demande")
    assert held.etat == "POURVUE"


async def test_a_siao_with_a_table_withdraws_a_referral_that_came_with_a_demand_and_numbers_its_own(
    world: World,
) -> None:
    await joined(
        world,
        mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"),
        mailbox(SECOND, Famille.SIAO, "siao_tableau", territoire="69"),
    )

    async def said(header: str, row: str) -> None:
        body = f"{header}\n{row}\n".encode()
        await world.accepted(SECOND, body, Content_Type="text/csv")
        await world.settled()

    await world.accepted("ccas", with_canaries())
    demande = await brought(world)
    place = {"identifiantExterne": await world.known_place("U-1")}
    orientation = {"id": 900, "dispositif": "URGENCE", "demande": demande}
    referral = {"idMessage": 62, "type": "orientation.proposee", "ficheGroupe": household()}
    await world.accepted("siao-01", {**referral, "orientation": orientation, "place": place})
    (sent,) = await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    suite = {"territoire": "69", "composition": 20, "nbAdultes": 1}
    await world.accepted("siao-01", about(demande, 60, "demande.transferee", suite=suite))
    await world.settled()
    await said("Demande;Objet", f"{demande};Transfert accepté")
    await said("N° d'orientation;Objet", f"{sent['orientation']};Annulation")
    assert world.shelter.of_type("orientation.annulee")

    opens = "N° de demande;N° du ménage;Composition;Adultes;Dispositif;Commune"
    await said(opens, "SIAO-1;M-1;Homme seul;1;Urgence;Lyon (69123)")
    await said("Demande;Objet;Motif", "SIAO-1;Annulée;Autre solution")
    assert sorted(each.etat for each in await world.subjects("demande"))[0] == "ANNULEE"


async def test_an_insertion_referral_without_an_answer_is_withdrawn_at_the_centre(two: World) -> None:
    demande = await brought(two)
    await two.accepted("centre", vacancy("I-1", structure=FINESS))
    told = await until(lambda: two.siao.of_type("place.vacante"), "la place arrive au SIAO")
    referral = {
        "idMessage": 63,
        "type": "orientation.proposee",
        "orientation": {"id": 901, "dispositif": "INSERTION", "demande": demande},
        "place": {"identifiantExterne": told[-1]["place"]["identifiantExterne"]},
        "ficheGroupe": household(),
    }
    await two.accepted("siao-01", referral)
    await until(lambda: two.shelter.messages, "l'orientation arrive au centre")
    await two.settled()
    await proposed(two, demande)
    await two.accepted(SECOND, about(demande, 1, "demande.transfert-accepte"))
    await until(lambda: two.shelter.of_type("orientation.annulee"), "le centre apprend l'annulation")
    await two.settled()
    (place,) = await two.subjects("place")
    assert place.etat == "DISPONIBLE"
