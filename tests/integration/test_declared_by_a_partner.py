"""A partner declares a household ready for housing; its SIAO confirms it under the id that the hub gave it."""

from typing import Any

from contracts.partner import Famille
from router.domain.partners import Registry
from tests.integration import lasting
from tests.integration.messages import NOM
from tests.integration.test_families import mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world

CENTRE = "centre-boite"
DECLARED: dict[str, Any] = {
    "type": "menage.pret-logement.declare",
    "menage": {"id": "M-12", "composition": "10", "adultes": 1, "personnes": [{"nom": NOM}]},
    "departement": "01",
    "evalueeLe": "2026-03-01",
}


async def test_a_declared_household_reaches_its_readers_once_its_siao_confirms_it_and_never_by_whom(
    world: World,
) -> None:
    registry = world.registry(**{"siao-01": {"declarants": (Famille.HEBERGEMENT,)}})
    ddets = mailbox("ddets", Famille.CONTINGENT, "contingent_json")
    await world.apply(Registry.of([*registry.partners.values(), ddets]))
    await world.accepted(CENTRE, DECLARED | {"idEvenement": "e-1"})
    (asked,) = await until(
        lambda: world.siao.of_type("menage.pret-logement.declare"), "le SIAO est sollicité"
    )
    assert (asked["declarant"], asked["ficheGroupe"]["personnes"]) == (CENTRE, [{"nom": NOM}])
    cited = {"identifiantExterne": asked["ficheGroupe"]["identifiantExterne"]}
    await world.settled()
    assert (await world.get("ddets", "/v1/liste"))[1]["lignes"] == []

    answered = {"type": "menage.pret-logement.repondu", "ficheGroupe": cited}
    refused = {"reponse": "REFUSEE", "motifRefus": "SANS_EVALUATION"}
    await world.accepted("siao-01", answered | {"idMessage": 1, "declaration": refused})
    (told,) = await world.collected(CENTRE, 1)
    assert (told["menage"]["id"], told["reponse"]) == ("M-12", "REFUSEE")
    assert told["motifRefus"] == "SANS_EVALUATION"

    await world.accepted(CENTRE, DECLARED | {"idEvenement": "e-2"})
    await until(lambda: len(world.siao.of_type("menage.pret-logement.declare")) == 2, "sollicité de nouveau")
    await world.accepted("siao-01", answered | {"idMessage": 2, "declaration": {"reponse": "CONFIRMEE"}})
    (confirmed,) = await world.collected(CENTRE, 1)
    assert confirmed["reponse"] == "CONFIRMEE"
    (listed,) = await world.collected("ddets", 1)
    assert listed["menage"]["personnes"] == [{"nom": NOM}]
    _, page = await world.get("ddets", "/v1/liste")
    assert len(page["lignes"]) == 1
    assert CENTRE not in f"{listed}{page}", (
        "un nom de service dit parfois les violences, la santé ou la justice"
    )

    gone = {"type": "menage.pret-logement.retire", "idMessage": 3, "suite": {"motif": "RELOGE"}}
    await world.accepted("siao-01", gone | {"ficheGroupe": cited})
    assert (await world.collected("ddets", 1))[0]["motif"] == "RELOGE"


async def test_a_declaration_that_is_taken_back_reaches_the_siao_and_no_list(world: World) -> None:
    registry = world.registry(**{"siao-01": {"declarants": (Famille.HEBERGEMENT,)}})
    ddets = mailbox("ddets", Famille.CONTINGENT, "contingent_json")
    await world.apply(Registry.of([*registry.partners.values(), ddets]))
    await world.accepted(CENTRE, DECLARED | {"idEvenement": "e-1"})
    (asked,) = await until(
        lambda: world.siao.of_type("menage.pret-logement.declare"), "le SIAO est sollicité"
    )
    cited = {"identifiantExterne": asked["ficheGroupe"]["identifiantExterne"]}
    gone = {"type": "menage.pret-logement.retire", "menage": {"id": "M-12"}, "motif": "RENONCIATION"}
    await world.accepted(CENTRE, gone | {"idEvenement": "e-2"})
    (told,) = await until(lambda: world.siao.of_type("menage.pret-logement.retire"), "le SIAO le sait")
    assert (told["declarant"], told["ficheGroupe"], told["suite"]) == (
        CENTRE,
        cited,
        {"motif": "RENONCIATION"},
    )

    late = {"type": "menage.pret-logement.repondu", "ficheGroupe": cited}
    await world.accepted("siao-01", late | {"idMessage": 1, "declaration": {"reponse": "CONFIRMEE"}})
    await until(lambda: world.siao.of_type("alerte.anomalie"), "le SIAO sait que sa réponse est sans effet")
    await world.settled()
    assert (await world.get("ddets", "/v1/liste"))[1]["lignes"] == []
