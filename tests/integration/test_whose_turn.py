"""The parties of a referral see whose turn it is; nobody else sees that it exists."""

from tests.integration.desk import siao_hub
from tests.integration.registry import AUTRE_FINESS
from tests.integration.world import World


async def test_a_recipient_sees_what_is_expected_of_it_and_the_siao_what_became_of_its_referral(
    world: World,
) -> None:
    ours = await world.referred()
    await world.settled()
    status, body = await world.get("centre", "/v1/orientations")
    (owed,) = body["orientations"]
    assert (status, owed["id"], owed["place"], owed["au_tour_de"]) == (200, ours, "A-101", "vous")
    assert owed["attendu"] == "accuser réception, puis accepter ou refuser"
    assert owed["recue_le"] <= owed["avant_le"]
    assert (await world.get("centre-boite", "/v1/orientations"))[1] == {"orientations": []}
    assert (await world.get("centre-boite", f"/v1/orientations/{ours}"))[0] == 404

    await world.send("centre", {"type": "orientation.accusee", "orientation": ours})
    await world.settled()
    (owed,) = (await world.get("centre", "/v1/orientations"))[1]["orientations"]
    assert (owed["id"], owed["attendu"]) == (ours, "accepter ou refuser"), "une fois, où qu'elle en soit"

    await world.send("centre", {"type": "orientation.acceptee", "orientation": ours})
    await world.settled()
    # By the SIAO's own number, with all that was said and by whom.
    status, seen = await world.get("siao-01", "/v1/orientations/4711")
    assert (status, seen["id"], seen["votre_id"], seen["ou_en_est"]) == (200, ours, "4711", "acceptée")
    assert seen["au_tour_de"] == "destinataire"
    said = [(fact["par"], fact["fait"]) for fact in seen["histoire"] if fact["par"] != "hub"]
    assert said == [("vous", "proposée"), ("destinataire", "lue"), ("destinataire", "acceptée")]

    # The same loop, by the shelter's code of the place.
    (loop,) = (await siao_hub(world.settings, "loops", "A-101", "--json")).content
    assert (loop["partenaire"], loop["dans_les_delais"], loop["en_attente"], loop["part"]) == (
        "centre",
        1,
        0,
        1.0,
    )
    assert loop["objectif"] == 0.9
    table = await siao_hub(world.settings, "loops", "--par", "siao", "--par", "mois")
    assert "100% dans les délais (1)" in table
    assert table.widest <= 80

    shown = await siao_hub(world.settings, "trace", "4711")
    assert "au tour de centre : prononcer l'admission, constater l'entrée, ou dire l'absence" in shown
    assert shown.widest <= 80


async def test_an_operator_sees_whom_it_is_asked_to_accompany_until_it_has_answered(world: World) -> None:
    ours = await world.referred()
    asked = {"idMessage": "acc-1", "type": "accompagnement.demande"}
    cited = {"orientation": {"id": 4711}, "suite": {"operateur": AUTRE_FINESS}}
    assert (await world.send("siao-01", {**asked, **cited}))[0] == 202
    await world.settled()
    (owed,) = (await world.get("centre-boite", "/v1/orientations"))[1]["orientations"]
    assert (owed["id"], owed["au_tour_de"]) == (ours, "vous")
    assert owed["attendu"] == "répondre à la demande d'accompagnement"
    assert (owed["place"], owed["autres_places"], owed["recue_le"], owed["avant_le"]) == (
        None,
        [],
        None,
        None,
    )
    answer = {"type": "accompagnement.repondu", "orientation": ours, "accepte": True}
    assert (await world.send("centre-boite", answer))[0] == 202
    await world.settled()
    assert (await world.get("centre-boite", "/v1/orientations"))[1] == {"orientations": []}
