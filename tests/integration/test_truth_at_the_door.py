"""Who answers is told the truth: at the door where nothing waits, else on its own way out."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contracts.partner import Famille
from router.domain.roles import Role
from tests.integration import lasting
from tests.integration.large_files import decided, sent
from tests.integration.messages import cancellation, referral, vacancy
from tests.integration.test_families import joined, mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

UNKNOWN = "8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e"


def answer(kind: str, orientation: str, **more: Any) -> dict[str, Any]:
    return {"type": f"orientation.{kind}", "orientation": orientation, **more}


def refusal(orientation: str) -> dict[str, Any]:
    return answer("refusee", orientation, auteur="STRUCTURE", motif="ACCESSIBILITE")


def codes(body: Any) -> list[tuple[int | None, str]]:
    return [(rejet["ligne"], rejet["code"]) for rejet in body["rejets"]]


async def test_an_answer_that_cannot_apply_is_refused_with_its_row_and_nobody_hears_of_it(
    world: World,
) -> None:
    ours = await world.referred()
    await world.settled()
    accepted = {**answer("acceptee", ours), "idEvenement": "e-1"}
    status, said = await world.send("centre", accepted)
    assert status == 202
    assert (await world.send("centre", refusal(ours)))[0] == 202
    await world.settled()

    tried, trial = await world.send("centre", answer("acceptee", ours), query="?essai=true")
    status, late = await world.send("centre", answer("acceptee", ours), "trop-tard")
    assert (tried, codes(trial)) == (status, codes(late)) == (422, [(1, "transition_illegale")])
    (rejet,) = late["rejets"]
    assert rejet["message"].startswith("Cette orientation est refusée par la structure")
    assert "appelez le SIAO" in rejet["message"]

    # Of another's referral nobody learns more than of one that does not exist.
    anothers = await world.send("centre-boite", answer("acceptee", ours))
    assert anothers[0] == 422
    assert codes(anothers[1]) == [(1, "envoi_inconnu")]
    (of_nobody,) = (await world.send("centre-boite", answer("acceptee", UNKNOWN)))[1]["rejets"]
    assert [{**of_nobody, "reference": ours}] == anothers[1]["rejets"], "sa référence seule lui est redite"

    # A row that can apply is taken beside one that cannot; a repetition, alone or in a list, is no answer of now.
    status, mixed = await world.send("centre", [vacancy("Z-9"), answer("acceptee", UNKNOWN)])
    assert (status, mixed["etat"], codes(mixed)) == (202, "partiel", [(2, "envoi_inconnu")])
    assert await world.send("centre", accepted) == (202, said)
    status, again = await world.send("centre", [vacancy("Z-8"), accepted])
    assert (status, again["etat"]) == (202, "accepte")
    status, _ = await world.send("siao-01", cancellation(99))
    assert status == 422, "le SIAO aussi"
    await world.settled()
    assert await world.outcomes("anomalie") == []
    assert world.siao.of_type("alerte.anomalie") == []


async def test_an_answer_whose_subject_still_waits_is_taken_and_its_sender_is_told_on_its_own_way_out(
    world: World,
) -> None:
    ours = await world.referred()
    await world.settled()
    await world.stop()
    await world.start(Role.GATEWAY)
    came = {"type": "entree.constatee", "orientation": ours, "entreeLe": "2026-11-20"}
    left = {"type": "sortie.declaree", "orientation": ours, "sortieLe": "2026-11-21"}
    assert (await world.send("centre", came))[0] == 202
    assert (await world.send("centre", left))[0] == 202, "l'entrée n'est pas encore appliquée, et compte déjà"
    status, taken = await world.send("centre", refusal(ours))
    assert (status, taken["etat"]) == (202, "accepte"), "rien n'est encore appliqué"
    await world.stop()
    await world.start()
    alert = (await until(lambda: world.shelter.of_type("alerte.anomalie"), "le centre l'apprend"))[0]
    assert (alert["objet"], alert["motif"]) == (ours, "TRANSITION_ILLEGALE")
    assert alert["typeEnCause"] == "orientation.refusee"
    assert "on ne peut pas la refuser" in alert["explication"]
    _, fate = await world.get("centre", f"/v1/messages/{taken['id']}")
    assert fate["effet"] == "aucun"


async def test_the_answers_of_a_large_file_are_judged_where_nothing_before_the_file_waits(
    prepared: World,
) -> None:
    world = prepared
    small = world.settings.intake.model_copy(update={"sync_rows": 3})
    world.settings = world.settings.model_copy(update={"intake": small})
    await world.start()
    ours, other = await world.referred(4711, "A-1"), await world.referred(4712, "A-2")
    assert (await world.send("centre", refusal(ours)))[0] == 202
    await world.settled()
    body = [
        answer("acceptee", ours),  # it is refused already
        answer("acceptee", other),
        answer("acceptee", UNKNOWN),
        {"type": "entree.constatee", "orientation": other, "entreeLe": "2026-11-20"},
        vacancy("A-3"),
    ]
    fate = await decided(world, await sent(world, body))
    assert (fate["etat"], fate["acceptes"], codes(fate)) == (
        "partiel",
        3,
        [(1, "transition_illegale"), (3, "envoi_inconnu")],
    )
    await world.settled()
    assert await world.outcomes("anomalie") == []
    assert [m["type"] for m in world.siao.messages if "orientation" in m][-2:] == [
        "orientation.acceptee",
        "entree.constatee",
    ]


async def test_whichever_way_an_answer_and_a_cancellation_race_nobody_is_left_with_a_wrong_belief(
    world: World,
) -> None:
    """Each acceptance is applied, refused at the door, or told as without effect: there is no fourth way."""
    numbers = range(1, 9)
    for number in numbers:
        place = await world.known_place(f"R-{number}")
        await world.accepted("siao-01", referral(place, number))
    await until(lambda: len(world.shelter.messages) == len(numbers), "les orientations arrivent au centre")
    by_place = {message["place"]: message["orientation"] for message in world.shelter.messages}
    proposed = [by_place[f"R-{number}"] for number in numbers]
    await world.settled()

    async def accepts(ours: str) -> tuple[int, Any]:
        return await world.send("centre", answer("acceptee", ours))

    async def cancels(number: int) -> tuple[int, Any]:
        return await world.send("siao-01", cancellation(number))

    said = await asyncio.gather(
        *(each for n, o in zip(numbers, proposed, strict=True) for each in (cancels(n), accepts(o)))
    )
    await world.settled()
    assert [status for status, _ in said[::2]] == [202] * len(numbers)
    told = {alert["objet"] for alert in world.shelter.of_type("alerte.anomalie")}
    for ours, (status, body) in zip(proposed, said[1::2], strict=True):
        if status == 422:
            assert codes(body) == [(1, "transition_illegale")]
            continue
        _, fate = await world.get("centre", f"/v1/messages/{body['id']}")
        assert (fate["effet"] == "complet") != (ours in told), (ours, fate)


async def test_an_answer_with_a_day_of_another_year_is_taken_and_its_sender_warned(world: World) -> None:
    ours = await world.referred()
    await world.settled()
    arrival = {
        "type": "entree.constatee",
        "idEvenement": "loin",
        "orientation": ours,
        "entreeLe": "2099-11-27",
    }
    status, said = await world.send("centre", arrival)
    assert (status, said["etat"]) == (202, "accepte")
    assert [(each["code"], each["reference"]) for each in said["avertissements"]] == [
        ("date_peu_plausible", "loin")
    ]


async def test_a_birth_to_come_is_refused_at_its_field_and_one_of_today_is_taken(world: World) -> None:
    today = datetime.now(ZoneInfo("Europe/Paris")).date()

    def demand(number: str, born: date) -> dict[str, Any]:
        menage = {"id": f"M-{number}", "composition": "10", "adultes": 1}
        people = [{"nom": "Exemple", "dateNaissance": born.isoformat()}]
        said = {"type": "demande.recue", "demande": number, "dispositif": "URGENCE"}
        return {**said, "idEvenement": f"e-{number}", "menage": {**menage, "personnes": people}}

    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    both = [demand("1", today), demand("2", today + timedelta(days=400))]
    tried, trial = await world.send("ccas", both, query="?essai=true")
    assert (tried, codes(trial)) == (200, [(2, "date_invraisemblable")])
    status, mixed = await world.send("ccas", both)
    assert (status, mixed["etat"], codes(mixed)) == (202, "partiel", [(2, "date_invraisemblable")])
    assert mixed["rejets"][0]["champ"] == "menage.personnes[1].dateNaissance"
