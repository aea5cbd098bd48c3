"""A regional service counts the households that are ready for housing, and reads none of them."""

import asyncio
from typing import Any

import pytest

from contracts.partner import Famille
from router.delivery import lists
from tests.integration import lasting
from tests.integration.test_families import joined, mailbox
from tests.integration.test_lists import say
from tests.integration.world import World

pytestmark = lasting.MARK
prepared, world = lasting.prepared, lasting.world

REGION = {"territoire": "01", "autres_territoires": ("69", "974-sud")}
NOBODY = {"A_CONFIRMER": 0, "DECLARE": 0, "ACTUALISE": 0, "PRESENTE": 0}


async def figures(world: World, partner: str) -> dict[str, Any]:
    status, answer = await world.get(partner, "/v1/liste/chiffres")
    assert status == 200, answer
    said: dict[str, Any] = answer
    return said


async def test_however_many_ask_the_households_are_counted_once_for_a_while(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = prepared
    monkeypatch.setattr(lists, "COUNTED_FOR_SECONDS", 3600.0)
    await world.start()
    await joined(
        world, mailbox("drihl", Famille.ETAT, "etat_json"), mailbox("obs", Famille.BDOS, "bdos_json")
    )
    await say(world, 1)
    await world.settled()
    asked = await asyncio.gather(*(figures(world, reader) for reader in ("drihl", "obs") * 5))
    await say(world, 2)
    await world.settled()
    assert {each["le"] for each in (*asked, await figures(world, "drihl"))} == {asked[0]["le"]}


async def test_the_figures_are_those_of_the_moment_by_departement_and_state_and_name_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNTED_FOR_SECONDS", 0.0)
    await joined(
        world,
        mailbox("drihl", Famille.ETAT, "etat_json", **REGION),
        mailbox("observatoire", Famille.BDOS, "bdos_json", **REGION),
    )
    for number in (1, 2, 3, 4):
        await say(world, number)
    await say(world, 5, departement="69")
    await say(world, 2, "actualise")
    await say(world, 4, "retire")
    await world.settled()
    for reader in ("drihl", "observatoire"):
        said = await figures(world, reader)
        assert said["departements"] == [
            {"departement": "01", "menages": NOBODY | {"DECLARE": 2, "ACTUALISE": 1}},
            {"departement": "69", "menages": NOBODY | {"DECLARE": 1}},
            {"departement": "974", "menages": NOBODY},
        ]
        assert set(said) == {"le", "departements"}
        assert (await world.get(reader, "/v1/liste"))[1]["lignes"] == []


async def test_who_reads_households_or_offers_places_is_told_where_its_own_figures_are(world: World) -> None:
    await joined(world, mailbox("ddets", Famille.CONTINGENT, "contingent_json"))
    for partner in ("ddets", "centre", "siao-01"):
        status, problem = await world.get(partner, "/v1/liste/chiffres")
        assert (status, problem["type"]) == (403, "urn:siao:probleme:chiffres-d-une-autre-famille")


async def test_a_partner_in_a_sandbox_counts_nobody_real(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "COUNTED_FOR_SECONDS", 0.0)
    tried = mailbox("bac-a-sable-drihl", Famille.ETAT, "etat_json", bac_a_sable=True)
    await joined(world, tried)
    await say(world, 1)
    await world.settled()
    assert (await figures(world, tried.id))["departements"] == [{"departement": "01", "menages": NOBODY}]
