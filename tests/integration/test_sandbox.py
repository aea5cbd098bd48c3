"""A partner in a sandbox publishes, receives, answers and sees what came of it; nobody else notices."""

from typing import Any
from uuid import UUID

import pytest

from contracts.partner import Famille, Partner, SortieBoite
from contracts.v1.place import PlaceVacante
from ops.sandbox import playing as sandbox
from ops.status.vitals import vitals
from router.domain.partners import Registry
from tests.integration import lasting
from tests.integration.messages import referral, vacancy
from tests.integration.registry import FINESS, SIRET_BAILLEUR, entry, key_of
from tests.integration.waiting import until
from tests.integration.world import Reply, World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

CENTRE, BAILLEUR = "bac-a-sable-centre", "bac-a-sable-bailleur"
VEILLE, PRESCRIPTEUR, OPERATEUR = "bac-a-sable-115", "bac-a-sable-ccas", "bac-a-sable-avdl"
ETAT = "bac-a-sable-ddets"
SIAO = "bac-a-sable-siao-01"
PATH, DEMANDS, LIVE_LIST, TRANSFERS = (
    f"/v1/bac-a-sable/{what}" for what in ("orientation", "demande", "liste", "transfert")
)


def sandboxed(ident: str, famille: Famille, dialecte: str, structure: str) -> Partner:
    """A partner in a sandbox, for structures that a real partner has too."""
    more = {"structures": (structure,), "sortie": SortieBoite(), "bac_a_sable": True}
    return entry(ident, famille, dialecte, **more)


async def with_sandboxes(world: World, *added: Partner) -> None:
    await world.apply(Registry.of([*world.registry().partners.values(), *added]))


async def played(world: World, partner: str, query: str = "", path: str = PATH) -> Reply:
    return await world.post(b"", query, path, Authorization=f"Bearer {key_of(partner)}")


async def hears(world: World, partner: str, query: str, *expected: str) -> UUID:
    """What a partner hears, and no more, once those of its sandbox have taken a step with its demand D-1."""
    step = await played(world, partner, query, DEMANDS)
    assert step.status == 202, step.body
    heard = await world.collected(partner, len(expected))
    assert {each["demande"] for each in heard if "demande" in each} <= {"D-1"}
    assert sorted(each.get("suite", each["type"]) for each in heard) == sorted(expected)
    return UUID(step.body["id"])


async def followed(world: World, partner: str, ident: str, etat: str) -> Any:
    async def there() -> Any:
        status, told = await world.get(partner, f"/v1/orientations/{ident}")
        return told if status == 200 and told["etat"] == etat else None

    return await until(there, f"l'orientation est {etat}")


async def test_a_partner_in_a_sandbox_answers_the_siao_behind_it_and_nobody_else_notices(
    world: World,
) -> None:
    await with_sandboxes(
        world,
        sandboxed(CENTRE, Famille.HEBERGEMENT, "hebergement_json", FINESS),
        sandboxed(BAILLEUR, Famille.BAILLEUR, "bailleur_xml", SIRET_BAILLEUR),
    )
    real = await played(world, "centre")
    assert (real.status, real.body["type"]) == (404, "urn:siao:probleme:adresse-inconnue")

    refused, _ = await world.send(CENTRE, vacancy("A-1", commune="99999"))
    assert (refused, await world.quarantined()) == (422, []), "personne n'a à en décider"
    assert (await world.send(CENTRE, vacancy("A-1")))[0] == 202
    unknown = await played(world, CENTRE, "?place=A-2")
    assert (unknown.status, unknown.body["type"]) == (404, "urn:siao:probleme:place-inconnue")
    asked = await played(world, CENTRE, "?place=A-1")
    assert asked.status == 202, asked.body
    (received,) = await world.collected(CENTRE, 1)
    assert (received["orientation"], received["place"]) == (asked.body["id"], "A-1")
    taken = await played(world, CENTRE, "?place=A-1")
    assert (taken.status, taken.body["type"]) == (409, "urn:siao:probleme:place-prise")

    owing = await vitals(world.database, world.settings)
    assert {p.id for p in owing.partners} == {"siao-01", "centre", "centre-boite", "bailleur"}
    assert owing.unanswered == ()
    answer = {"idEvenement": "r-1", "type": "orientation.acceptee", "orientation": received["orientation"]}
    assert (await world.send(CENTRE, answer))[0] == 202
    seen = await followed(world, CENTRE, asked.body["id"], "ACCEPTEE")
    assert {fact["par"] for fact in seen["histoire"] if fact["compte"]} == {"emetteur", "vous", "hub"}

    status, told = await world.send("siao-01", referral(str(asked.body["place"]), 4711))
    assert status == 202, told
    await world.settled()
    judged = [outcome.reason for outcome in await world.outcomes("anomalie")]
    assert judged == ["EMETTEUR_INATTENDU"], "une place du bac à sable n'est à personne d'autre"
    assert [message["type"] for message in world.siao.messages] == ["alerte.anomalie"]
    assert world.shelter.messages == []

    presented = await played(world, BAILLEUR)
    assert (presented.status, presented.body["nature"]) == (202, "candidature"), presented.body
    await followed(world, BAILLEUR, presented.body["id"], "PRESENTEE")


async def test_who_brings_households_sees_one_on_its_way_to_a_place_and_an_operator_is_asked_for_one(
    world: World,
) -> None:
    await with_sandboxes(
        world,
        sandboxed(VEILLE, Famille.VEILLE_SOCIALE, "veille_sociale_json", FINESS),
        sandboxed(PRESCRIPTEUR, Famille.PRESCRIPTEUR, "prescripteur_json", FINESS),
        sandboxed(OPERATEUR, Famille.ACCOMPAGNEMENT, "cloudevents_json", FINESS),
    )
    referred = await played(world, VEILLE)
    assert (referred.status, referred.body["type"]) == (409, "urn:siao:probleme:demande-a-suivre")
    early = await played(world, VEILLE, path=DEMANDS)
    assert (early.status, early.body["type"]) == (409, "urn:siao:probleme:demande-absente")
    demand = {"type": "demande.recue", "idEvenement": "d-1", "demande": "D-1", "dispositif": "URGENCE"}
    household = {"menage": {"id": "M-1", "composition": "10", "adultes": 1}}
    assert (await world.send(VEILLE, demand | household))[0] == 202
    await hears(world, VEILLE, "?demande=D-1&suite=EVALUATION_DEMANDEE", "evaluation.demandee")
    ours = await hears(world, VEILLE, "", "EVALUEE")
    anothers = await played(world, PRESCRIPTEUR, f"?demande={ours}", DEMANDS)
    assert (anothers.status, anothers.body["type"]) == (404, "urn:siao:probleme:demande-inconnue")
    await hears(world, VEILLE, "", "place.vacante", "place.retenue", "ORIENTEE")
    await hears(world, VEILLE, "?suite=EN_ATTENTE", "place.disponible", "EN_ATTENTE")
    await hears(world, VEILLE, "", "place.vacante", "place.retenue", "ORIENTEE")
    await hears(world, VEILLE, "", "POURVUE")
    closed = await played(world, VEILLE, "?demande=D-1", DEMANDS)
    assert (closed.status, closed.body["type"]) == (409, "urn:siao:probleme:suite-impossible")

    asked = await played(world, OPERATEUR)
    assert asked.status == 202, asked.body
    (received,) = await world.collected(OPERATEUR, 1)
    assert received["type"] == "fr.siao.orientation.accompagnement.demande.v1"
    assert (received["subject"], received["data"]["operateur"]) == (asked.body["id"], FINESS)


async def test_nobody_is_directed_to_a_place_before_its_vacancy_is_applied(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "APPLIED_WITHIN_SECONDS", 0)
    await with_sandboxes(door, sandboxed(OPERATEUR, Famille.ACCOMPAGNEMENT, "cloudevents_json", FINESS))
    assert (await played(door, OPERATEUR)).status == 503
    assert [event.type for event in await door.events()] == [PlaceVacante.TYPE]


async def test_the_prefects_services_see_a_household_come_onto_their_list_change_and_leave_it(
    world: World,
) -> None:
    await with_sandboxes(
        world,
        sandboxed(ETAT, Famille.CONTINGENT, "contingent_json", SIRET_BAILLEUR),
        sandboxed(CENTRE, Famille.HEBERGEMENT, "hebergement_json", FINESS),
    )
    elsewhere = await played(world, CENTRE, path=LIVE_LIST)
    assert (elsewhere.status, elsewhere.body["type"]) == (409, "urn:siao:probleme:pas-de-liste")
    heard, query = [], ""
    for suite in ("DECLARE", "ACTUALISE", "RETIRE"):
        step = await played(world, ETAT, query, LIVE_LIST)
        assert (step.status, step.body.get("suite")) == (202, suite), step.body
        (told,) = await world.collected(ETAT, 1)
        heard.append((told["type"], told["menage"]["id"]))
        query = f"?menage={step.body['menage']}"
    ours = query.partition("=")[2]
    assert heard == [(f"menage.pret-logement.{each}", ours) for each in ("declare", "actualise", "retire")]
    gone = await played(world, ETAT, query, LIVE_LIST)
    assert (gone.status, gone.body["type"]) == (404, "urn:siao:probleme:menage-hors-liste")


async def test_a_siao_receives_a_transfer_and_proposes_one_and_reads_who_it_is_about_once_it_has_accepted(
    world: World,
) -> None:
    await with_sandboxes(
        world,
        sandboxed(SIAO, Famille.SIAO, "si_siao_json", FINESS),
        sandboxed(CENTRE, Famille.HEBERGEMENT, "hebergement_json", FINESS),
    )

    async def step(query: str, suite: str, *expected: str) -> tuple[str, list[dict[str, Any]]]:
        """The hub's id of the demand with which a step is taken, and what the SIAO then hears."""
        taken = await played(world, SIAO, query, TRANSFERS)
        assert (taken.status, taken.body.get("suite")) == (202, suite), taken.body
        heard = await world.collected(SIAO, len(expected))
        assert [each["type"] for each in heard] == list(expected)
        return taken.body["id"], heard

    async def refused(partner: str, query: str) -> tuple[int, str]:
        told = await played(world, partner, query, TRANSFERS)
        return told.status, told.body["type"].rpartition(":")[2]

    async def say(ident: str, number: int, event: str, **suite: str) -> None:
        about = {"identifiantExterne": ident}
        await world.accepted(SIAO, {"idMessage": number, "type": event, "demande": about, "suite": suite})

    assert await refused(CENTRE, "") == (409, "pas-un-siao")
    assert await refused(SIAO, "?suite=ACCEPTE") == (409, "transfert-absent")
    theirs, heard = await step("", "TRANSFEREE", "demande.transferee")
    assert "Fictif" not in str(heard)
    await step("?suite=RETIRE", "RETIRE", "demande.transfert-retire")
    await step(f"?demande={theirs}", "TRANSFEREE", "demande.transferee")
    await say(theirs, 1, "demande.transfert-refuse", motif="HORS_PERIMETRE")
    await step(f"?demande={theirs}", "TRANSFEREE", "demande.transferee")
    await say(theirs, 2, "demande.transfert-accepte")
    (described,) = await world.collected(SIAO, 1)
    assert (described["type"], "Fictif" in str(described)) == ("demande.recue", True)
    assert await refused(SIAO, f"?demande={theirs}") == (409, "transfert-impossible")

    ours, heard = await step("?suite=RECUE", "RECUE", "demande.recue")
    await say(ours, 3, "demande.transferee", territoire="99")
    await step("?suite=REFUSE", "REFUSE", "demande.transfert-refuse")
    await say(ours, 4, "demande.transferee", territoire="99")
    await step(f"?demande={ours}", "ACCEPTE", "demande.transfert-accepte")
    assert world.siao.messages == [], "le vrai SIAO du territoire n'en sait rien"
