"""The bytes of a message go with everybody who can be read in them; those that nobody reads again are not kept."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.partner import SortieBoite
from contracts.sealed import from_bytes
from tests.integration import accidents, lasting
from tests.integration.large_files import CHUNK, decided, in_hundreds
from tests.integration.messages import referral, to_structure, vacancy
from tests.integration.registry import FINESS
from tests.integration.retained import later
from tests.integration.test_forgetting import forgotten
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world

PLACE = "8e6a1f2c-5f0a-4c1e-9d5c-1f2a3b4c5d6e"


def wrong_phone(number: int) -> dict[str, Any]:
    """A referral of which one field is wrong."""
    message = referral(PLACE, number)
    message["ficheGroupe"]["telephone"] = "pas un numéro"
    return message


def unknown_type(number: int) -> dict[str, Any]:
    """A message of which the hub knows no such type, with a household in it."""
    return {**referral(PLACE, number), "type": "orientation.inconnue"}


REFUSED = {
    "un champ est faux": wrong_phone(7),
    "le type est inconnu": unknown_type(7),
    "une ligne sur deux": [referral(PLACE, 7), wrong_phone(8)],
    "sans clé": {**referral(PLACE, 7), "idMessage": None},
}


@pytest.mark.parametrize("case", REFUSED)
async def test_the_bytes_of_a_refused_message_go_with_a_household_that_can_be_read_in_them(
    door: World, case: str
) -> None:
    await door.apply(door.registry(siao_01={"tout_ou_rien": True}))
    status, _ = await door.send("siao-01", REFUSED[case])
    assert status == 422
    (refused,) = await door.messages()
    assert refused.id in await door.keys()
    status, _ = await door.send("siao-01", to_structure(FINESS, 7))
    assert status == 202
    (accepted,) = await door.events("siao-01")
    await forgotten(door, UUID(from_bytes(accepted.payload)[0]["menage"]["id"]), force=True)
    assert refused.id not in await door.keys()


@pytest.mark.parametrize("before", [1000, 1500])
async def test_the_bytes_of_a_large_file_go_with_a_household_of_a_row_that_was_refused(
    world: World, before: int
) -> None:
    body: list[Any] = [vacancy(f"A-{n}", structure="010000040") for n in range(before)]
    body.append({**direct_admission("M-1"), "admissionLe": "un jour"})
    status, answer = await world.send("centre", body)
    assert (status, answer["etat"]) == (202, "en_cours")
    assert (await decided(world, answer["id"]))["etat"] == "refuse"
    assert UUID(answer["id"]) in await world.keys()
    (menage,) = await world.called("menage")
    await forgotten(world, menage, force=True)
    assert UUID(answer["id"]) not in await world.keys()


async def test_so_they_do_with_one_of_a_row_that_is_refused_beside_what_came_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hundreds(world, monkeypatch)
    await world.apply(world.registry(centre={"tout_ou_rien": True}))
    admitted = {**direct_admission("M-1"), "idEvenement": "e-1"}
    await world.accepted("centre", admitted)
    (menage,) = await world.called("menage")
    body = [*(vacancy(f"A-{n}") for n in range(CHUNK + 1)), {**admitted, "admissionLe": "2026-03-06"}]
    _, answer = await world.send("centre", body, "fichier")
    assert (await decided(world, answer["id"]))["etat"] == "refuse"
    assert UUID(answer["id"]) in await world.keys()
    await forgotten(world, menage, force=True)
    assert UUID(answer["id"]) not in await world.keys()


def direct_admission(menage: str, place: str = "A-101") -> dict[str, Any]:
    """A household that is in no referral."""
    people = {"id": menage, "composition": "10", "adultes": 1, "personnes": [{"nom": "Fictif"}]}
    return {"type": "admission.directe", "place": place, "admissionLe": "2026-03-05", "menage": people}


async def test_of_what_is_accepted_no_bytes_are_kept_nor_what_its_dialect_ignores(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hundreds(world, monkeypatch)
    await world.apply(world.registry(siao_01={"sortie": SortieBoite()}))
    remark = "appelle-la-le-soir"
    for body in (
        vacancy(commentaire=remark),
        [vacancy(f"A-{n}", commentaire=remark) for n in range(CHUNK + 1)],
    ):
        status, answer = await world.send("centre", body)
        assert status == 202
        await decided(world, answer["id"])
    small, large = await world.messages()
    assert (small.etat, small.raw, small.filename) == ("accepte", None, None)
    assert (large.etat, large.raw, large.filename) == ("accepte", b"", None)
    assert small.id not in await world.keys()
    await world.settled()
    await later(world, timedelta(days=31))
    assert large.id not in await world.keys(), "une sauvegarde d'avant pouvait encore en avoir besoin"


async def test_the_bytes_of_a_refused_message_go_after_a_month_though_nobody_has_decided(
    door: World,
) -> None:
    assert (await door.send("siao-01", wrong_phone(7)))[0] == 422
    await later(door, timedelta(days=29))
    (kept,) = await door.messages()
    assert kept.raw is not None
    await later(door, timedelta(days=2))
    (gone,) = await door.messages()
    assert (gone.raw, gone.filename) == (None, None)
    assert gone.id not in await door.keys()
    assert [entry.message_id for entry in await door.quarantined("ouverte")] == [gone.id]


async def test_the_bytes_of_a_record_that_is_no_event_go_after_a_month_too(door: World) -> None:
    await accidents.strange_record(door, b"quelqu'un")
    await later(door, timedelta(days=31))
    (entry,) = await door.quarantined("ouverte")
    assert entry.raw is None


# --- who is in no referral


async def known(world: World) -> list[UUID]:
    """Households that somebody has a name for, or that can be read."""
    called = await world.called("menage")
    assert set(called) <= await world.keys()
    return called


async def test_a_household_of_no_referral_is_forgotten_two_years_after_it_was_last_heard_of(
    world: World,
) -> None:
    assert (await world.send("centre", vacancy()))[0] == 202
    assert (await world.send("centre", direct_admission("M-1")))[0] == 202
    await world.settled()
    await later(world, timedelta(days=729))
    assert await known(world)
    await later(world, timedelta(days=2))
    assert await known(world) == []
    assert await world.count("heard") == 0


async def test_a_message_about_a_household_renews_it_and_its_repetition_does_not(door: World) -> None:
    assert (await door.send("centre", vacancy()))[0] == 202
    for key in ("a", "b"):
        await later(door, timedelta(days=400))
        status, first = await door.send("centre", direct_admission("M-1"), key)
        assert status == 202
    await later(door, timedelta(days=20))
    assert (await door.send("centre", direct_admission("M-1"), "b"))[1]["id"] == first["id"]
    await accidents.applied_elsewhere(door)
    await later(door, timedelta(days=709))
    assert await known(door)
    await later(door, timedelta(days=2))
    assert await known(door) == []


async def test_a_refused_row_makes_a_household_known_and_does_not_renew_it(door: World) -> None:
    assert (await door.send("siao-01", wrong_phone(7)))[0] == 422
    await later(door, timedelta(days=700))
    assert await known(door)
    assert (await door.send("siao-01", {**wrong_phone(7), "idMessage": "encore"}))[0] == 422
    await later(door, timedelta(days=31))
    assert await known(door) == []
