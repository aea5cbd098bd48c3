"""An answer that matches nothing waits for one decision, which attaches it to what it was about."""

from tests.integration.desk import siao_hub
from tests.integration.orphaned import (
    an_exit_that_cites_its_place,
    asked_for_a_page,
    one_that_no_contract_reads,
    twenty_times,
)
from tests.integration.waiting import until
from tests.integration.world import World


async def test_an_answer_that_cites_its_place_is_attached_to_its_referral_and_takes_its_normal_way(
    world: World,
) -> None:
    ours, message = await an_exit_that_cites_its_place(world)

    listed = await siao_hub(world.settings, "orphelins", "list", "--json")
    (case,) = listed.rows
    assert (case["partenaire"], case["type"]) == ("centre", "sortie.declaree")
    (likely,) = case["envois"]
    assert likely["envoi"] == ours
    assert likely["raisons"][0] == "l'identifiant cité est celui de sa place"
    shown = await siao_hub(world.settings, "orphelins", "list")
    assert ours in shown
    assert shown.widest <= 80

    number, statements = await asked_for_a_page(world)
    async with twenty_times(world):
        assert await asked_for_a_page(world) == (20 * number, statements), (
            "une page ne demande pas réponse par réponse"
        )
        await one_that_no_contract_reads(world, but=case["reponse"])
        assert (await asked_for_a_page(world))[0] == 20 * number, "une réponse illisible n'en cache aucune"

    decided = ("orphelins", "rattacher", case["reponse"], ours, "--motif", "le centre a cité la place")
    assert (await siao_hub(world.settings, *decided)).status == 0
    told = await until(lambda: world.siao.of_type("sortie.declaree"), "le SIAO apprend la sortie")
    assert told[0]["orientation"]["identifiantExterne"] == ours
    await world.settled()
    (audited,) = await world.audited("orpheline.rattacher")
    assert audited.object == case["reponse"]
    _, fate = await world.get("centre", f"/v1/messages/{message['id']}")
    assert fate["effet"] == "complet"
    again = await siao_hub(world.settings, *decided)
    assert again.status == 1, "une décision, et une seule"
    assert (await siao_hub(world.settings, "orphelins", "list")).text.startswith("✓")
