"""An answer that matches nothing waits for one decision, which attaches it to what it was about."""

from uuid import UUID

import pytest

from ops.forgetting.erasing import forget
from ops.forgetting.journal import Journal
from ops.terminal import printing
from tests.integration import lasting
from tests.integration.desk import Output, siao_hub
from tests.integration.orphaned import (
    an_exit_that_cites_its_place,
    asked_for_a_page,
    one_that_no_contract_reads,
    twenty_times,
)
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def test_an_answer_that_cites_its_place_is_attached_to_its_referral_and_takes_its_normal_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "ZONE_SECONDS", 60.0)  # each page asks for it, however slow the machine
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


async def cited_by_the_orphan(world: World) -> UUID:
    """Return the id that the only orphan answer cites, of which the hub now knows nothing."""
    (row,) = await world.sql(
        "DELETE FROM subject WHERE id = (SELECT subject FROM event JOIN orphan ON event_id = event.id) RETURNING id"
    )
    return UUID(str(row["id"]))


async def household_of(world: World, referral: str) -> UUID:
    (menage,) = [each.menage for each in await world.subjects("orientation") if str(each.id) == referral]
    assert menage is not None
    return menage


async def attached(world: World, referral: str) -> Output:
    """Attach the oldest orphan answer to a referral."""
    case, *_ = (await siao_hub(world.settings, "orphelins", "list", "--json")).rows
    decided = ("orphelins", "rattacher", case["reponse"], referral, "--motif", "le centre a cité la place")
    return await siao_hub(world.settings, *decided)


async def test_an_attached_answer_is_forgotten_with_the_household_of_its_referral_which_then_takes_no_other(
    world: World,
) -> None:
    """But not as long as another answer that cites the same id waits for a decision."""
    ours, _ = await an_exit_that_cites_its_place(world)
    cited, menage = await cited_by_the_orphan(world), await household_of(world, ours)
    assert (await attached(world, ours)).status == 0
    await world.settled()
    assert cited in await world.keys()
    async with twenty_times(world):
        await forget(world.database, Journal.of(world.settings), menage, "test", force=True)
        before = await world.keys()
        assert cited in before
        refused = await attached(world, ours)
        assert (refused.status, "le ménage de cet envoi est oublié" in refused.errors) == (1, True)
        assert await world.keys() == before
    await forget(world.database, Journal.of(world.settings), menage, "test", force=True)
    assert cited not in await world.keys()
    assert cited not in await world.called()
