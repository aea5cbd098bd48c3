"""A partner finds its own messages, sees what it has refused, and asks for it again; nobody else's is shown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from tests.integration import lasting
from tests.integration.messages import vacancy
from tests.integration.registry import key_of
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

BAD = {"commune": "99999"}


async def found(world: World, query: str, partner: str = "centre") -> list[str]:
    status, page = await world.get(partner, f"/v1/messages{query}")
    assert status == 200
    return [message["id"] for message in page["messages"]]


async def test_a_partner_finds_its_messages_by_state_time_and_its_own_references(door: World) -> None:
    events: list[Any] = [
        vacancy("CH-1", idEvenement="ev-1"),
        [vacancy("CH-2", idEvenement="ev-2"), vacancy("CH-3", **BAD)],
    ]
    first, second = [
        (await door.send("centre", event, f"cle-{n}"))[1]["id"] for n, event in enumerate(events)
    ]
    refused = (await door.send("centre", vacancy("CH-4", **BAD), "cle-refusee"))[1]["id"]
    await door.accepted("centre-boite", vacancy("CH-1", structure="010000032"))

    assert await found(door, "") == [refused, second, first], "les siens, du plus récent au plus ancien"
    assert await found(door, "?etat=partiel") == [second]
    assert await found(door, "?reference=cle-refusee") == [refused]
    assert await found(door, "?reference=ev-2") == [second]
    assert await found(door, "?reference=CH-1") == [first]
    assert await found(door, "?reference=ailleurs") == []
    _, fate = await door.get("centre", f"/v1/messages/{first}")
    assert await found(door, f"?reference={fate['evenements'][0]['sujet']}") == [first], (
        "l'identifiant du hub"
    )
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert await found(door, f"?depuis={quote(later)}") == []

    _, page = await door.get("centre", "/v1/messages?limite=2")
    assert page["suivant"] == second
    assert await found(door, f"?limite=2&apres={page['suivant']}") == [first]
    status, problem = await door.get("centre", "/v1/messages?etats=refuse&limite=0&depuis=0.5")
    assert (status, problem["type"]) == (400, "urn:siao:probleme:parametre-invalide")
    assert len(problem["rejets"]) == 3
    assert {rejet["code"] for rejet in problem["rejets"]} == {"parametre_inconnu", "parametre_invalide"}


async def test_what_a_partner_has_refused_it_sees_and_asks_for_again(world: World) -> None:
    world.siao.status = 422
    await world.accepted("centre", vacancy("A-1"))

    async def refused() -> Any:
        return (await world.get("siao-01", "/v1/livraisons"))[1]["livraisons"]

    (delivery,) = await until(refused, "le SIAO a refusé la vacance")
    assert (delivery["etat"], delivery["type"]) == ("refusee", "fr.siao.offre.place.vacante.v1")
    path = f"/v1/livraisons/{delivery['id']}/renvoi"
    assert (await world.get("centre", "/v1/livraisons"))[1]["livraisons"] == []
    stranger = await world.post(b"", path=path, Authorization=f"Bearer {key_of('centre')}")
    assert (stranger.status, stranger.body["type"]) == (404, "urn:siao:probleme:livraison-inconnue")

    world.siao.status = 204
    asked = await world.post(b"", path=path, Authorization=f"Bearer {key_of('siao-01')}")
    assert (asked.status, asked.body["etat"]) == (202, "en_attente")
    await until(lambda: world.siao.of_type("place.vacante"), "elle est remise au SIAO")
    (told,) = await world.audited("livraison.renvoyer", about=delivery["id"])
    assert told.actor == "siao-01"


async def test_an_answer_on_a_referral_is_called_and_found_by_what_its_sender_calls_the_referral(
    world: World,
) -> None:
    ours = await world.referred()
    await world.settled()
    refusal = {"type": "orientation.refusee", "orientation": ours, "auteur": "STRUCTURE"}
    status, refused = await world.send("centre", {**refusal, "motif": "INCONNU"})
    assert (status, {each["reference"] for each in refused["rejets"]}) == (422, {ours})
    status, taken = await world.send("centre", {**refusal, "motif": "ACCESSIBILITE"})
    assert status == 202
    _, fate = await world.get("centre", f"/v1/messages/{taken['id']}")
    assert [event["reference"] for event in fate["evenements"]] == [ours]
    assert await found(world, f"?reference={ours}") == [taken["id"], refused["id"]], "la refusée aussi"
    assert await found(world, f"?reference={ours}", "centre-boite") == []


async def test_an_unknown_parameter_is_refused_where_there_is_none(door: World) -> None:
    _, answer = await door.send("centre", vacancy())
    for path in (f"/v1/messages/{answer['id']}", f"/v1/messages/{answer['id']}/a-corriger", "/v1/livraisons"):
        status, problem = await door.get("centre", f"{path}?format=xlsx")
        assert (status, [rejet["code"] for rejet in problem["rejets"]]) == (400, ["parametre_inconnu"])


async def test_every_answer_that_is_no_success_is_a_problem_in_french(door: World) -> None:
    seen = [
        await door.get("centre", "/v1/inconnu"),
        await door.get("centre", "/v1/messages/pas-un-uuid"),
        await door.get("centre", "/v1/livraisons/"),
    ]
    reply = await door.post(b"", path="/v1/livraisons", Authorization=f"Bearer {key_of('centre')}")
    seen.append((reply.status, reply.body))
    assert [(status, body["type"].rpartition(":")[2]) for status, body in seen] == [
        (404, "adresse-inconnue"),
        (400, "parametre-invalide"),
        (404, "adresse-inconnue"),
        (405, "methode-interdite"),
    ]
    assert reply.headers["allow"] == "GET"
    assert all(body["documentation"].startswith("/docs/erreurs#") for _, body in seen)


async def test_who_has_no_key_yet_reads_the_words_and_the_schemas_of_the_hub_on_the_hub(door: World) -> None:
    for path, told in (
        ("/docs/erreurs", b'id="message-refuse"'),
        ("/docs/schemas/bailleur.xsd", b"refCandidature"),
        ("/docs/asyncapi.json", b'"asyncapi":"3.0.0"'),
        ("/docs/contrats", b"/docs/contrats/fr.siao.offre.place.vacante.v1.contrat.json"),
        ("/docs/contrats/fr.siao.offre.place.vacante.v1.contrat.json", b"urn:siao:"),
        ("/docs/guide-partenaire.md", b"Guide du partenaire"),
        ("/docs/guide-partenaire/bailleur.md", b"candidature.presentee"),
        ("/docs/exemples/client.py", b"class Client"),
    ):
        async with door.http.get(door.base + path) as response:
            assert (response.status, told in await response.read()) == (200, True)
    for outside in ("schemas/..%2F..%2Fpyproject.toml", "..%2Fpyproject.toml", "decisions", "registre.md"):
        async with door.http.get(f"{door.base}/docs/{outside}") as response:
            assert response.status == 404


async def test_the_answer_warns_and_names_rows_by_the_senders_own_ids_which_are_not_kept(door: World) -> None:
    body = [
        vacancy("Mme-Fictif", idEvenement="ev-fictif", **BAD),
        vacancy("A-2", disponibleLe="1950-01-01"),
        {"type": "place.liberee", "place": "A-2"},
        {"type": "place.liberee", "place": "B-9"},
    ]
    _, trial = await door.send("centre", body, "cle-0", "?essai=true")
    assert [w["ligne"] for w in trial["avertissements"]] == [2, 4]
    first = await door.send("centre", body, "cle-1")
    assert await door.send("centre", body, "cle-1") == first, "la même réponse, à la lettre"
    status, answer = first
    assert (status, answer["etat"]) == (202, "partiel")
    assert [(r["ligne"], r["reference"]) for r in answer["rejets"]] == [(1, "ev-fictif")]
    told = [(w["ligne"], w["champ"], w["code"], w["reference"]) for w in answer["avertissements"]]
    assert told == [
        (2, "disponibleLe", "date_peu_plausible", "A-2"),
        (4, None, "place_non_declaree", "B-9"),
    ]
    _, fate = await door.get("centre", f"/v1/messages/{answer['id']}")
    assert fate["avertissements"] == answer["avertissements"]
    assert [(e["ligne"], e["reference"]) for e in fate["evenements"]] == [(2, "A-2"), (3, "A-2"), (4, "B-9")]
    assert "ictif" not in await door.as_text("inbox", but="raw")
