"""Two recipients get two ids for one household, and each is understood when it answers with its own."""

import re
from typing import Any
from uuid import UUID

from contracts.partner import Famille
from contracts.sealed import from_bytes
from tests.integration import lasting
from tests.integration.messages import to_structure, vacancy
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.test_bytes_go_with_whom_they_name import direct_admission
from tests.integration.test_families import demand, joined, mailbox
from tests.integration.test_families import household as fiche
from tests.integration.test_forgetting import forgotten
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


async def referred_to_both(world: World, number: int = 1) -> tuple[str, str]:
    """What two shelters call one household that was referred to each of them."""
    before = len(world.shelter.messages), len(await collected(world))
    for structure, message in ((FINESS, number), (AUTRE_FINESS, number + 1)):
        referral = to_structure(structure, message)
        referral["ficheGroupe"]["id"] = 70
        assert (await world.send("siao-01", referral))[0] == 202
    await until(lambda: len(world.shelter.messages) > before[0], "le centre reçoit la sienne")

    async def arrived() -> bool:
        return len(await collected(world)) > before[1]

    await until(arrived, "l'autre aussi")
    return world.shelter.messages[-1]["menage"]["id"], (await collected(world))[-1]["menage"]["id"]


async def collected(world: World) -> list[Any]:
    """All that waits in the mailbox, read."""
    _, listed = await world.get("centre-boite", "/v1/boite")
    return [(await world.get("centre-boite", f"/v1/boite/{each['cle']}"))[1] for each in listed["envois"]]


async def household(world: World) -> UUID:
    (menage,) = {known.menage for known in await world.subjects("orientation")}
    assert menage is not None
    return menage


async def cited(world: World, partner: str, menage: str) -> UUID:
    """Whom a partner speaks of when it cites a household."""
    assert (await world.send(partner, direct_admission(menage, f"P-{menage}")))[0] == 202
    (*_, event) = await world.events(partner, "admission.directe")
    return UUID(from_bytes(event.payload)[0]["menage"]["id"])


async def test_two_recipients_get_two_ids_for_one_household_keep_them_and_are_understood_by_their_own_alone(
    world: World,
) -> None:
    one, other = await referred_to_both(world)
    menage = await household(world)
    assert len({one, other, str(menage)}) == 3
    assert await referred_to_both(world, 3) == (one, other)
    assert await cited(world, "centre", one) == menage
    assert await cited(world, "centre", other) != menage


async def test_a_siao_that_has_not_named_a_household_gets_an_id_of_its_own_too(world: World) -> None:
    assert (await world.send("centre", vacancy()))[0] == 202
    ours = await cited(world, "centre", "M-1")
    (told,) = await until(lambda: world.siao.of_type("admission.directe"), "le SIAO l'apprend")
    assert told["ficheGroupe"]["identifiantExterne"] not in (str(ours), "M-1")


async def test_a_siao_that_updates_a_demand_by_the_id_that_it_was_given_speaks_of_the_same_household(
    world: World,
) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    await world.accepted("ccas", demand())
    (told,) = await until(lambda: world.siao.of_type("demande.recue"), "le SIAO reçoit la demande")
    update = {"type": "demande.actualisee", "idMessage": 1, "demande": told["demande"]}
    await world.accepted("siao-01", update | {"ficheGroupe": told["ficheGroupe"]})
    brought, updated = [
        from_bytes(event.payload)[0]["menage"]["id"]
        for source, kind in (("ccas", "demande.recue"), ("siao-01", "demande.actualisee"))
        for event in await world.events(source, kind)
    ]
    assert updated == brought, "sinon l'oubli du ménage laisserait lisible ce que le SIAO en dit"


async def test_what_a_recipient_calls_a_household_is_forgotten_with_it(world: World) -> None:
    one, _ = await referred_to_both(world)
    menage = await household(world)
    await forgotten(world, menage, force=True)
    assert menage not in await world.called("menage")
    await collected(world)
    assert menage not in await world.called("menage")
    assert await cited(world, "centre", one) != menage


async def answers_of_the_door(world: World, partner: str, *messages: str) -> str:
    """All that a partner reads of its own: its messages, what became of these, its mailbox, its referrals."""
    said = []
    for path in ("/v1/messages", "/v1/livraisons", "/v1/boite", "/v1/orientations"):
        status, listed = await world.get(partner, path)
        assert status == 200, path
        said.append(listed)
        if path == "/v1/boite":
            said += [(await world.get(partner, f"{path}/{each['cle']}"))[1] for each in listed["envois"]]
        if path == "/v1/orientations":
            said += [(await world.get(partner, f"{path}/{each['id']}"))[1] for each in listed["orientations"]]
    for message in messages:
        status, fate = await world.get(partner, f"/v1/messages/{message}")
        assert status == 200
        said.append(fate)
    return str(said)


async def test_our_own_id_of_a_household_is_in_no_answer_of_the_door_and_in_no_alert(world: World) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "cloudevents_json"))
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    declared, updated = (
        {"idMessage": n, "type": f"menage.pret-logement.{kind}", "ficheGroupe": fiche(n), "logement": ready}
        for n, kind in ((1, "declare"), (2, "actualise"))
    )
    sent = [(await world.send("siao-01", each))[1]["id"] for each in (declared, updated)]
    (alert,) = await until(
        lambda: world.siao.of_type("alerte.anomalie"), "le second ménage n'était pas déclaré"
    )
    await referred_to_both(world)
    await world.settled()

    known = [UUID(str(each.id)) for each in await world.subjects("menage")]
    unknown = (await world.events("siao-01", "menage.pret-logement.actualise"))[0].subject
    ours = {str(each) for each in (*known, unknown, await household(world))}
    assert len(ours) == 3

    _, fate = await world.get("siao-01", f"/v1/messages/{sent[0]}")
    assert [event["reference"] for event in fate["evenements"]] == ["1"]
    said = {
        partner: await answers_of_the_door(world, partner) for partner in ("centre", "centre-boite", "ddets")
    }
    said["siao-01"] = await answers_of_the_door(world, "siao-01", *sent)
    said["alerte"] = str(alert)
    said["envois"] = str([*world.siao.messages, *world.shelter.messages])
    assert "pret-logement" in said["ddets"]
    assert [(who, each) for who, text in said.items() for each in ours if each in text] == []


async def test_those_that_hold_a_household_hear_that_it_has_split_each_under_an_id_of_its_own(
    world: World,
) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    await referred_to_both(world)
    ready = {"departement": "01", "dateEvaluation": "2026-03-01"}
    declared = {"idMessage": 3, "type": "menage.pret-logement.declare", "ficheGroupe": fiche(70)}
    await world.accepted("siao-01", declared | {"logement": ready})
    (listed,) = await world.collected("ddets", 1)
    split = {"type": "menage.separe", "ficheGroupe": {"id": 70}, "autreFicheGroupe": {"id": 71}}
    await world.accepted("siao-01", split | {"idMessage": 4})
    (told,) = await world.collected("ddets", 1)
    await until(lambda: world.shelter.of_type("alerte.anomalie"), "le centre l'apprend")
    (heard,) = world.shelter.of_type("alerte.anomalie")
    (proposed,) = world.shelter.of_type("orientation.proposee")
    assert {told["motif"], heard["motif"]} == {"MENAGE_SEPARE"}
    assert (told["nature"], told["objet"]) == ("menage", listed["menage"]["id"])
    assert (heard["nature"], heard["objet"]) == ("orientation", proposed["orientation"])
    own = {each for each in UUIDS.findall(f"{told} {heard}") if each in str(await household(world))}
    assert not own | (set(UUIDS.findall(str(told))) & set(UUIDS.findall(str(heard))))
    assert not world.siao.of_type("alerte.anomalie"), "le SIAO, qui l'a dit, n'a rien à faire"


async def test_a_shelter_and_who_brought_its_household_read_no_id_in_common(world: World) -> None:
    told = mailbox("centre-boite", Famille.HEBERGEMENT, "cloudevents_json", structures=(AUTRE_FINESS,))
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"), told)
    _, answer = await world.send("ccas", demand())
    (brought,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    referral = to_structure(AUTRE_FINESS, 1)
    referral["orientation"]["demande"] = brought["demande"]["identifiantExterne"]
    assert (await world.send("siao-01", referral))[0] == 202
    (news,) = await world.collected("ccas", 1)
    (proposed,) = await collected(world)
    assert proposed["type"] == "fr.siao.orientation.orientation.proposee.v1"
    assert news["suite"] == "ORIENTEE"
    hers = await answers_of_the_door(world, "ccas", answer["id"])
    theirs = str(proposed) + await answers_of_the_door(world, "centre-boite")
    assert brought["demande"]["identifiantExterne"] in hers
    assert set(UUIDS.findall(hers + str(news))) & set(UUIDS.findall(theirs)) == set()
