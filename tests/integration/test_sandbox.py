"""A partner in a sandbox publishes, receives, answers and sees what came of it; nobody else notices."""

from typing import Any

from contracts.partner import Famille, Partner, SortieBoite
from router.domain.partners import Registry
from router.ops.vitals import vitals
from tests.integration.messages import referral, vacancy
from tests.integration.registry import FINESS, SIRET_BAILLEUR, entry, key_of
from tests.integration.waiting import until
from tests.integration.world import Reply, World

CENTRE, BAILLEUR = "bac-a-sable-centre", "bac-a-sable-bailleur"
PATH = "/v1/bac-a-sable/orientation"


def sandboxed(ident: str, famille: Famille, dialecte: str, structure: str) -> Partner:
    """A partner in a sandbox, for structures that a real partner has too."""
    more = {"structures": (structure,), "sortie": SortieBoite(), "bac_a_sable": True}
    return entry(ident, famille, dialecte, **more)


async def with_sandboxes(world: World) -> None:
    added = [
        sandboxed(CENTRE, Famille.HEBERGEMENT, "hebergement_json", FINESS),
        sandboxed(BAILLEUR, Famille.BAILLEUR, "bailleur_xml", SIRET_BAILLEUR),
    ]
    await world.apply(Registry.of([*world.registry().partners.values(), *added]))


async def played(world: World, partner: str, query: str = "") -> Reply:
    return await world.post(b"", query, PATH, Authorization=f"Bearer {key_of(partner)}")


async def followed(world: World, partner: str, ident: str, etat: str) -> Any:
    async def there() -> Any:
        status, told = await world.get(partner, f"/v1/orientations/{ident}")
        return told if status == 200 and told["etat"] == etat else None

    return await until(there, f"l'orientation est {etat}")


async def test_a_partner_in_a_sandbox_answers_the_siao_behind_it_and_nobody_else_notices(
    world: World,
) -> None:
    await with_sandboxes(world)
    real = await played(world, "centre")
    assert (real.status, real.body["type"]) == (404, "urn:siao:probleme:adresse-inconnue")

    refused, _ = await world.send(CENTRE, vacancy("A-1", commune="99999"))
    assert (refused, await world.quarantined()) == (422, []), "personne n'a à en décider"
    assert (await world.send(CENTRE, vacancy("A-1")))[0] == 202
    await world.settled()
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
