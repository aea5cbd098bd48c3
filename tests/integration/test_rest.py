"""A SIAO whose software has an API of its own: the hub reads its fiches there, and writes there what it hears."""

import json
from collections.abc import Sequence

from contracts.partner import Famille, Partner, SortieBoite
from contracts.reference.codes import listes
from contracts.rest import DocumentRest, SortieRest
from ops.partners import lists
from router.domain.partners import Registry
from router.store import origin
from tests.conformance.rest_partner import RestDropper
from tests.golden.cas import ICI
from tests.integration import lasting
from tests.integration.messages import vacancy
from tests.integration.registry import entry
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
api, world = lasting.api, lasting.world

FICHE = json.loads((ICI / "si_siao_fiches" / "sans_evenement.json").read_text("utf-8"))
NUMBER = 4711


DDETS = entry("ddets", Famille.CONTINGENT, "contingent_json", sortie=SortieBoite())


REFERRALS = DocumentRest(nom="orientations", chemin="/orientations?idFiche={fiche}")


async def joined(world: World, api: RestDropper, *others: Partner, also: Sequence[DocumentRest] = ()) -> None:
    """The SIAO is reached by its API; others are there beside the usual partners."""
    documents = (*api.entree.documents, *also)
    siao = {
        "dialectes": ("si_siao_json", "si_siao_fiches"),
        "dialecte_sortant": "si_siao_fiches",
        "entree": api.entree.model_copy(update={"intervalle_s": 0.1, "documents": documents}),
        "sortie": SortieRest(**api.server.entry),
    }
    usual = world.registry(siao_01=siao).partners.values()
    await world.apply(Registry.of([*usual, *others]))


def is_ready(api: RestDropper, at: str) -> None:
    """The household of the fiche is ready for housing, as its demand says since that moment."""
    api.change(NUMBER, FICHE["ficheSynthese"], at)
    territory = {"siao": {"territoire": {"codeDepartement": "001"}}}
    demand = FICHE["demandeInsertion"] | territory | {"dateModification": at}
    api.server.objects[f"/demandeInsertion/derniere?idFiche={NUMBER}"] = json.dumps(demand).encode()


async def test_a_code_that_means_something_else_at_the_siao_is_told(world: World, api: RestDropper) -> None:
    await joined(world, api, DDETS)
    for name, codes in listes().items():
        said = [
            {"id": int(code), "libelle": label.upper()} for code, label in codes.items() if code.isdigit()
        ]
        api.server.objects[f"/referentiels/{name}"] = json.dumps(said).encode()
    assert await lists.compared(world.settings, "siao-01") == ([], [])
    api.server.objects["/referentiels/compositions"] = b'[{"id": 10, "libelle": "Autre chose"}]'
    changed, missing = await lists.compared(world.settings, "siao-01")
    assert missing == []
    assert {each.liste for each in changed} == {"compositions"}
    assert {each.code for each in changed} == set(listes()["compositions"])


async def test_a_fiche_is_on_the_live_list_once_for_each_change_and_for_each_server_that_takes_over_without_it(
    world: World, api: RestDropper
) -> None:
    """And what the SIAO hears is put."""
    await joined(world, api, DDETS)
    is_ready(api, "2026-03-01T08:00:00")
    (told,) = await world.collected("ddets", 1)
    assert told["type"] == "menage.pret-logement.declare"

    api.server.end_sessions()
    is_ready(api, "2026-03-02T08:00:00")
    await world.collected("ddets", 1)
    assert api.server.logins >= 2

    await world.accepted("centre", vacancy("A-1"))
    await until(lambda: api.server.puts, "la place vacante est écrite au SI-SIAO")
    ((path, body),) = api.server.puts
    assert path == "/place/"
    assert json.loads(body)["type"] == "place.vacante"
    assert await world.quarantined() == []

    async with world.database.statement() as connection:
        await connection.execute("DELETE FROM idempotency_key")
        primary = (await origin.met(connection)).server
    assert primary is not None
    assert world.hub is not None
    await world.hub.database.written_by(primary._replace(system=0))
    (again,) = await world.collected("ddets", 1)
    assert again["type"] == "menage.pret-logement.declare"


async def test_a_referral_that_stands_in_a_fiche_reaches_the_centre_once(
    world: World, api: RestDropper
) -> None:
    await joined(world, api, DDETS, also=[REFERRALS])
    await world.accepted("centre", vacancy("A-1"))
    await world.settled()
    (place,) = await world.subjects("place")
    referral = {"id": 88001, "dispositif": "INSERTION", "place": {"identifiantExterne": str(place.id)}}
    api.server.objects[f"/orientations?idFiche={NUMBER}"] = json.dumps([referral]).encode()
    is_ready(api, "2026-03-01T08:00:00")
    await until(lambda: world.shelter.of_type("orientation.proposee"), "l'orientation arrive au centre")
    is_ready(api, "2026-03-02T08:00:00")
    await until(lambda: _twice_read(world), "la fiche modifiée est relue")
    await world.settled()
    (told,) = world.shelter.of_type("orientation.proposee")
    assert told["place"] == "A-1"
    assert not await world.events("siao-01", "menage.pret-logement.declare"), "le ménage n'est pas dit prêt"


async def _twice_read(world: World) -> bool:
    return len(await world.events("siao-01", "orientation.proposee")) == 2
