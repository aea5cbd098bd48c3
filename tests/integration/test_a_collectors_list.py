"""A list of households to a collector of the 1 % logement, over real HTTP, Kafka and PostgreSQL: each household has
its own loop, and the collector knows nobody but by a numéro unique."""

from typing import Any

from contracts.partner import Famille
from tests.integration import lasting
from tests.integration.messages import NOM
from tests.integration.test_families import joined, mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

COLLECTEUR, PREFET = "35600000000060", "35600000000083"
TELEPHONE, NUR, OTHER = "06 98 76 54 32", "1110318016982G1104", "1110318016983G1104"
ACCORD = {
    "numero": "2026/01/4",
    "objet": "CIL_LISTE",
    "partenaire": COLLECTEUR,
    "signataires": [COLLECTEUR, PREFET],
    "du": "2026-01-01",
    "referenceCnil": "REG-2026-12",
    "attributionsDuCollecteur": 812,
}


def row(number: int, nur: str | None, **more: Any) -> dict[str, Any]:
    household = {
        "id": 90_000 + number % 100,
        "composition": 10,
        "nbAdultes": 1,
        "personnes": [{"nom": NOM, "prenom": "Camille"}],
        "telephone": TELEPHONE,
        "numeroUnique": nur,
    }
    presented = {"id": number, "bailleur": COLLECTEUR, "convention": "2026/01/4", "liste": "LST-2026-3"}
    return {
        "idMessage": f"liste-{number}",
        "type": "candidature.presentee-sur-liste",
        "candidature": {**presented, "dateInformation": "2026-02-20", **more},
        "ficheGroupe": household,
    }


async def agreed(world: World) -> None:
    """Prefect and collector have signed."""
    await joined(
        world,
        mailbox("ddets", Famille.ETAT, "etat_json", structures=(PREFET,)),
        mailbox("cil", Famille.CIL, "action_logement_json", structures=(COLLECTEUR,)),
    )
    for who in ("cil", "ddets"):
        await world.accepted(who, {"idEvenement": "c-1", "type": "convention.signee", **ACCORD})
    await world.settled()
    for who, told in (("cil", 1), ("ddets", 1)):
        await world.collected(who, told)


async def test_a_list_goes_without_name_or_contact_and_is_answered_by_numero_unique(world: World) -> None:
    await agreed(world)
    status, answer = await world.send("siao-01", [row(512, NUR), row(513, OTHER), row(514, None)])
    assert (status, answer["acceptes"]) == (202, 2)
    (refused,) = answer["rejets"]
    assert (refused["reference"], refused["champ"]) == ("liste-514", "ficheGroupe.numeroUnique")
    assert "demande de logement social" in refused["message"]

    listed = await world.collected("cil", 2)
    assert {each["menage"]["numeroUnique"] for each in listed} == {NUR, OTHER}
    assert {len(each["candidature"]) for each in listed} == {36}  # the hub does not write its name for them
    assert {(each["liste"], each["informeLe"]) for each in listed} == {("LST-2026-3", "2026-02-20")}
    assert not {NOM, "Camille", TELEPHONE} & set(str(listed).replace("'", " ").split(" "))
    assert TELEPHONE not in str(listed)

    decided = {"type": "decision.commission", "resultat": "ATTRIBUTION", "commissionLe": "2026-03-12"}
    await world.accepted("cil", {"idEvenement": "d-1", **decided, "candidature": OTHER})
    (told,) = await until(lambda: world.siao.of_type("decision.commission"), "la décision arrive au SIAO")
    assert told["candidature"]["id"] == 513
    assert NUR not in str(told)


async def test_a_household_that_is_listed_again_is_answered_for_its_last_list(world: World) -> None:
    await agreed(world)
    assert (await world.send("siao-01", row(512, NUR)))[0] == 202
    await world.collected("cil", 1)
    refused = {"type": "decision.commission", "resultat": "NON_ATTRIBUTION", "commissionLe": "2026-03-12"}
    await world.accepted("cil", {"idEvenement": "d-1", **refused, "candidature": NUR})
    await until(lambda: world.siao.of_type("decision.commission"), "la première réponse arrive au SIAO")
    assert (await world.send("siao-01", row(612, NUR, liste="LST-2026-4")))[0] == 202
    await world.collected("cil", 1)
    await world.accepted("cil", {"idEvenement": "a-2", "type": "candidature.accusee", "candidature": NUR})
    (told,) = await until(lambda: world.siao.of_type("candidature.accusee"), "la seconde réponse arrive")
    assert told["candidature"]["id"] == 612


async def test_without_an_agreement_no_list_leaves_and_the_siao_learns_who_can_give_one(world: World) -> None:
    await joined(world, mailbox("cil", Famille.CIL, "action_logement_json", structures=(COLLECTEUR,)))
    assert (await world.send("siao-01", row(512, NUR)))[0] == 202
    (alert,) = await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO sait pourquoi")
    assert alert["alerte"]["motif"] == "ACTE_INCONNU"
    assert "n'est pas transmise" in alert["explication"]
    assert "préfet" in alert["explication"]
    assert await world.collected("cil", 0) == []
