"""A refused message may be corrected by a human, once, and is resolved when its new version is through."""

import asyncio
import json
from datetime import timedelta

import pytest

from contracts.errors import InvalidContract, Permanent
from tests.integration import accidents, lasting
from tests.integration.messages import to_structure, vacancy
from tests.integration.quarantined import NOUVEAU_FINESS, corrected, entry, observed, replayed, two_rows
from tests.integration.registry import FINESS
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, world = lasting.door, lasting.world


async def test_a_replayed_message_is_not_resolved_before_it_is_applied(door: World) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS)))[0] == 422
    row = await entry(door)
    await corrected(door, row, vacancy())
    assert await observed(door, row) == "rejouee"


async def test_a_replayed_message_of_which_an_event_is_in_quarantine_is_resolved_once_that_is_through(
    world: World,
) -> None:
    good = to_structure(NOUVEAU_FINESS, 1)
    bad = {**good, "orientation": {**good["orientation"], "dispositif": "INCONNU"}}
    assert (await world.send("siao-01", bad))[0] == 422
    row = await entry(world)
    await corrected(world, row, good)
    await until(lambda: two_rows(world), "l'événement de la version corrigée est en quarantaine")
    assert await observed(world, row) == "rejouee"

    await world.apply(world.registry(centre={"structures": (FINESS, NOUVEAU_FINESS)}))
    await replayed(world, cause="Unroutable")
    await until(lambda: world.shelter.messages, "l'orientation arrive au centre")
    await world.settled()
    assert await observed(world, row) == "resolue"


async def test_a_corrected_version_is_taken_in_beside_the_original_and_who_did_it_and_why_is_kept(
    world: World,
) -> None:
    status, _ = await world.send("centre", vacancy(structure=NOUVEAU_FINESS))
    assert status == 422
    (stuck,) = await world.quarantined()
    with pytest.raises(InvalidContract, match="structure"):
        await corrected(world, stuck.id, vacancy(structure=NOUVEAU_FINESS))
    new = await corrected(world, stuck.id, vacancy())
    await until(lambda: world.siao.messages, "la vacance arrive au SIAO")
    await until(lambda: world.quarantined("resolue"), "l'entrée est résolue")
    assert stuck.message_id is not None
    assert (await world.message(stuck.message_id)).etat == "refuse"
    assert (await world.message(new)).etat == "accepte"
    (audited,) = await world.audited("quarantaine.corriger")
    assert audited.actor == "test"
    assert json.loads(audited.detail) == {"nouveau": str(new), "motif": "FINESS faux"}


async def test_nobody_corrects_a_message_of_which_the_sender_has_sent_another_version_since(
    door: World,
) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), "cle-1"))[0] == 422
    status, since = await door.send("centre", vacancy(capacite=2), "cle-1")
    assert status == 202
    row = await entry(door)
    with pytest.raises(Permanent, match="rien à corriger"):
        await corrected(door, row, vacancy())
    await accidents.all_open_again(door)
    with pytest.raises(Permanent, match=f"accepté depuis .* {since['id']}"):
        await corrected(door, row, vacancy())
    assert await door.count("event") == 1


@pytest.mark.parametrize(("key", "for_long"), [("cle-1", True), (None, False)])
async def test_what_was_corrected_holds_a_senders_key_for_long_and_the_bytes_of_one_without_key_shortly(
    door: World, key: str | None, for_long: bool
) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), key))[0] == 422
    new = await corrected(door, await entry(door), vacancy())
    assert [lasts > timedelta(days=1) for lasts in await door.claims(new)] == [for_long]


@pytest.mark.parametrize("key", ["cle-1", None])
async def test_two_people_who_correct_the_same_entry_at_once_send_one_message(
    door: World, key: str | None
) -> None:
    assert (await door.send("centre", vacancy(structure=NOUVEAU_FINESS), key))[0] == 422
    row = await entry(door)
    tries = (corrected(door, row, vacancy(capacite=n)) for n in (1, 2))
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert await door.count("event") == 1
    assert sum(isinstance(end, Permanent) for end in ended) == 1
