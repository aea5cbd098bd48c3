"""The parties of a referral see whose turn it is; nobody else sees that it exists."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.service import loops, printed
from ops.service import sql as service
from tests.integration import lasting
from tests.integration.clock import places_moved_earlier
from tests.integration.desk import siao_hub
from tests.integration.messages import vacancy
from tests.integration.registry import AUTRE_FINESS, FINESS
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def test_a_recipient_sees_what_is_expected_of_it_and_the_siao_what_became_of_its_referral(
    world: World,
) -> None:
    ours = await world.referred()
    await world.settled()
    status, body = await world.get("centre", "/v1/orientations")
    (owed,) = body["orientations"]
    assert (status, owed["id"], owed["place"], owed["au_tour_de"]) == (200, ours, "A-101", "vous")
    assert owed["attendu"] == "dire qu'elle est lue, puis accepter ou refuser"
    assert owed["recue_le"] <= owed["avant_le"]
    assert (await world.get("centre-boite", "/v1/orientations"))[1]["orientations"] == []
    assert (await world.get("centre-boite", f"/v1/orientations/{ours}"))[0] == 404

    await world.accepted("centre", {"type": "orientation.accusee", "orientation": ours})
    await world.settled()
    (owed,) = (await world.get("centre", "/v1/orientations"))[1]["orientations"]
    assert (owed["id"], owed["attendu"]) == (ours, "accepter ou refuser"), "une fois, où qu'elle en soit"

    await world.accepted("centre", {"type": "orientation.acceptee", "orientation": ours})
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
    (of_one,) = (await siao_hub(world.settings, "loops", "--par", "structure", "--json")).content
    assert (of_one["structure"], of_one["dans_les_delais"], of_one["part"]) == (FINESS, 1, 1.0)
    table = await siao_hub(world.settings, "loops", "--par", "siao", "--par", "mois")
    assert "100% dans les délais (1)" in table
    assert table.widest <= 80

    shown = await siao_hub(world.settings, "trace", "4711")
    assert "au tour de centre : dire si le ménage est arrivé, ou absent" in shown
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
    assert (owed["place"], owed["autres_places"], owed["recue_le"]) == (None, [], None)
    assert owed["depuis"] < owed["avant_le"]
    answer = {"type": "accompagnement.repondu", "orientation": ours, "accepte": True}
    assert (await world.send("centre-boite", answer))[0] == 202
    await world.settled()
    assert (await world.get("centre-boite", "/v1/orientations"))[1]["orientations"] == []


async def test_what_a_shelter_says_that_it_occupies_is_told_beside_what_is_known_and_who_came_without_the_siao(
    world: World,
) -> None:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    household = {"composition": "10", "adultes": 1}
    admitted = {"type": "admission.directe", "place": "A-103", "admissionLe": today}
    figures = {"structure": FINESS, "dispositif": "INSERTION", "capacite": 3, "indisponibles": 0}
    for said in (
        *(vacancy(code) for code in ("A-101", "A-102", "A-103")),
        *({"type": "place.occupee", "place": code} for code in ("A-101", "A-102")),
        {**admitted, "menage": {**household, "id": "M-1"}},
        {**admitted, "place": "A-102", "menage": {**household, "id": "M-2"}, "derogation": "2026/38/17"},
        {**admitted, "place": "A-101", "menage": {**household, "id": "M-3"}, "motifAdmission": "URGENCE"},
        {
            **figures,
            "type": "occupation.releve",
            "groupe": "G1",
            "releveLe": today,
            "occupees": 1,
            "vacantes": 2,
        },
    ):
        status, body = await world.send("centre", said)
        assert status == 202, body
    await world.settled()
    (told,) = (await siao_hub(world.settings, "occupation", "--json")).content
    admissions = ("admissions_par_le_siao", "admissions_sans_le_siao", "sans_titre")
    assert [told[name] for name in admissions] == [0, 3, 2]
    (occupied,) = told["occupations"]
    assert (occupied["occupees_dites"], occupied["occupees_connues"], occupied["ecart"]) == (1, 3, 0)

    # They have all moved today; two days later nothing explains it any more.
    await places_moved_earlier(world, timedelta(days=2))
    shown = await siao_hub(world.settings, "occupation", "--partner", "centre")
    assert "occupées : 1 sur 3 d'après lui, 3 d'après le hub" in shown
    assert "écart que rien n'explique : -2" in shown
    assert shown.widest <= 80
    of_nobody = await siao_hub(world.settings, "occupation", "--partner", "bailleur", "--json")
    assert (of_nobody.status, of_nobody.content) == (1, [])


async def test_a_level_of_service_that_leaves_referrals_out_is_said_to_and_is_in_no_metric(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for n in (1, 2):
        await world.referred(n, f"A-10{n}")
    await world.settled()
    now = datetime.now(UTC)
    asked = printed.Asked(None, None, f"{now:%Y-%m}", f"{now:%Y-%m}", ("partenaire",))
    for most, is_cut in ((2, False), (1, True)):
        monkeypatch.setattr(service, "MOST", most)
        assert await printed.show(world.settings, asked, as_json=False, as_csv=True) == 0
        assert ("il y en a d'autres" in capsys.readouterr().err) is is_cut
        assert world.hub is not None
        async with world.database.statement() as connection:
            month = await loops.of_the_month(connection, world.hub.registry, now)
        assert (month == loops.Month({}, {})) is is_cut
