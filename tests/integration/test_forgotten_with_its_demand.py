"""Who brings a household and the SIAO each have an id for it: none is forgotten while the other stands untold."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.partner import Famille
from ops.forgetting import erasing as forgetting
from ops.forgetting.journal import Journal
from tests.integration import accidents, lasting
from tests.integration.desk import Output, siao_hub
from tests.integration.messages import NOM, cancellation, to_structure
from tests.integration.registry import FINESS
from tests.integration.retained import later
from tests.integration.test_families import PREFET, aid_asked, demand, directed, joined, mailbox
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
world = lasting.world


async def brought_and_directed(world: World) -> tuple[UUID, UUID]:
    """What the SIAO's referral calls a household, and what the demand that it cites does; nobody waits any more."""
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    place = await world.known_place()
    assert (await world.send("ccas", demand()))[0] == 202
    (brought,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    await directed(world, brought, place)
    assert (await world.send("siao-01", cancellation(4711)))[0] == 202
    await world.settled()
    (referral,), (asked,) = await world.subjects("orientation"), await world.subjects("demande")
    assert referral.menage is not None
    assert asked.menage is not None
    assert referral.menage != asked.menage
    return referral.menage, asked.menage


async def forgotten(world: World, *arguments: object) -> Output:
    return await siao_hub(world.settings, "menage", "oublier", *map(str, arguments))


def journalled(journal: Path) -> set[str]:
    return {json.loads(line)["menage"] for line in journal.read_text().splitlines()}


async def test_no_id_of_a_demand_is_forgotten_before_a_word_that_all_are_one_household_nor_unforced_if_one_is_awaited(
    world: World,
) -> None:
    ours, theirs = await brought_and_directed(world)
    other_of = {ours: theirs, theirs: ours}
    subjects = {each.id: other_of[each.menage] for each in await world.subjects() if each.menage}
    assert len(subjects) == 2, "l'orientation et la demande"
    before = await world.keys()
    for named, other in (other_of | subjects).items():
        said = await forgotten(world, named)
        assert said.status == 1
        assert "rien n'est oublié" in said
        assert str(other) in said
        assert "apportée par « ccas »" in said
        assert "--ensemble" in said
        assert NOM not in said.text
    await accidents.is_awaited(world, theirs)
    refused = await forgotten(world, ours, "--ensemble")
    assert (refused.status, "--forcer" in refused.errors) == (1, True), "on attend encore l'un des deux"
    assert await world.keys() == before
    assert not world.settings.erasures_file.exists()
    assert (await forgotten(world, ours, "--ensemble", "--forcer")).status == 0
    assert {ours, theirs}.isdisjoint(await world.keys())


async def test_said_to_be_one_household_it_is_forgotten_under_all_its_ids_and_again_after_a_restore(
    world: World,
) -> None:
    ours, theirs = await brought_and_directed(world)
    backup = await accidents.saved_keys(world)
    said = await forgotten(world, ours, "--ensemble")
    assert said.status == 0, said.errors
    assert str(ours) in said
    assert str(theirs) in said
    assert "ccas : " in said, "qui l'a amené en a une copie"
    assert {ours, theirs}.isdisjoint(await world.keys())
    subjects = {each.id for each in await world.subjects() if each.menage}
    assert subjects.isdisjoint(await world.keys()), "ni l'orientation ni la demande"
    assert journalled(world.settings.erasures_file) == {str(ours), str(theirs)}
    await accidents.keys_are_put_back(world, backup)
    assert await forgetting.apply_again(world.database, Journal.of(world.settings), "test") > 0
    assert {ours, theirs, *subjects}.isdisjoint(await world.keys())


async def test_what_a_demand_calls_its_household_later_is_told_and_is_forgotten_with_it(world: World) -> None:
    await joined(world, mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json"))
    await world.accepted("ccas", demand())
    again = {**demand(), "type": "demande.actualisee", "idEvenement": "e-2"}
    await world.accepted("ccas", {**again, "menage": {**again["menage"], "id": "M-77"}})
    await world.settled()
    (asked,) = await world.subjects("demande")
    assert asked.menage is not None
    (later_id,) = set(await world.called("menage")) - {asked.menage}
    before = await world.keys()
    for one, other in ((asked.id, later_id), (later_id, asked.menage)):
        said = await forgotten(world, one, "--forcer")
        assert (said.status, str(other) in said) == (1, True)
    assert await world.keys() == before
    assert (await forgotten(world, asked.id, "--ensemble", "--forcer")).status == 0
    assert {asked.id, asked.menage, later_id}.isdisjoint(await world.keys())


async def test_what_its_centre_calls_it_before_the_state_is_told_and_is_forgotten_with_it(
    world: World,
) -> None:
    ccas = mailbox("ccas", Famille.PRESCRIPTEUR, "prescripteur_json")
    await joined(world, ccas, mailbox("etat", Famille.ETAT, "etat_json", structures=(PREFET,)))
    place = await world.known_place()
    await world.accepted("ccas", demand())
    (brought,) = await until(lambda: world.siao.of_type("demande.recue"), "la demande arrive au SIAO")
    await aid_asked(world, await directed(world, brought, place))
    await world.settled()
    (asked,), (aid,) = await world.subjects("demande"), await world.subjects("aide_sociale")
    for one, other in ((asked.menage, aid.menage), (aid.menage, asked.menage)):
        said = await forgotten(world, one, "--forcer")
        assert (said.status, str(other) in said) == (1, True)
        assert f"que cite : demande d'aide sociale {aid.id}" in said
    assert (await forgotten(world, asked.menage, "--ensemble", "--forcer")).status == 0
    assert {asked.id, asked.menage, aid.id, aid.menage}.isdisjoint(await world.keys())


async def test_said_to_be_two_households_one_is_forgotten_and_the_other_is_told_to_stand(
    world: World,
) -> None:
    ours, theirs = await brought_and_directed(world)
    said = await forgotten(world, ours, "--seul")
    assert said.status == 0, said.errors
    assert "sous ce seul identifiant" in said
    assert "Ne sont pas oubliés" in said
    assert str(theirs) in said
    keys = await world.keys()
    assert theirs in keys
    assert ours not in keys
    again = await forgotten(world, ours)
    assert (again.status, str(theirs) in again) == (1, True), "même oublié, il dit l'autre"


async def test_by_itself_a_household_is_forgotten_under_both_ids_when_nothing_was_heard_of_either(
    world: World,
) -> None:
    ours, theirs = await brought_and_directed(world)
    await later(world, timedelta(days=400))
    again: dict[str, Any] = to_structure(FINESS, 4712)
    again["ficheGroupe"]["id"] = 47110
    assert (await world.send("siao-01", again))[0] == 202
    assert (await world.send("siao-01", cancellation(4712)))[0] == 202
    await world.settled()
    await later(world, timedelta(days=400))
    assert {ours, theirs} <= await world.keys(), "qui l'a amené n'a rien dit depuis ; le SIAO, si"
    await later(world, timedelta(days=331))
    assert {ours, theirs}.isdisjoint(await world.keys())
    assert {str(ours), str(theirs)} <= journalled(world.settings.erasures_file)
