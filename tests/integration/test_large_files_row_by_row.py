"""Files of more than a thousand rows: answered at once, decoded afterwards, each row exactly once."""

import json
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from router.domain.roles import Role
from tests.integration import accidents, lasting
from tests.integration.desk import siao_hub
from tests.integration.halfway import held_after_a_chunk, stopped_half_way
from tests.integration.large_files import (
    BAD,
    BOITE,
    CHUNK,
    ROWS,
    decided,
    decoder,
    file_of,
    in_hundreds,
    sent,
)
from tests.integration.lasting import MOVING, Lasting
from tests.integration.messages import referral, vacancy
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared
MANY = 3 * CHUNK


@pytest_asyncio.fixture(loop_scope="module")
async def door(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> World:
    """A front door for which files are soon large."""
    return in_hundreds(await lasting.running(Role.GATEWAY), monkeypatch)


@pytest_asyncio.fixture(loop_scope="module")
async def world(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> World:
    """A running hub for which files are soon large."""
    return in_hundreds(await lasting.running(*MOVING), monkeypatch)


async def test_every_row_of_a_large_file_is_applied_exactly_once_across_a_stop(world: World) -> None:
    await world.apply(world.registry(siao_01=BOITE))
    async with held_after_a_chunk(world):
        message = await sent(world, file_of(MANY))
        done = await stopped_half_way(world, message)
    assert done == CHUNK
    assert await world.leased() == [], "les baux sont rendus"
    assert await world.count("event") == done
    await world.start()
    fate = await decided(world, message)
    await world.settled()
    assert (fate["etat"], fate["acceptes"], fate["rejetes"]) == ("accepte", MANY, 0)
    assert await world.count("subject") == MANY
    assert await world.count("event") == MANY
    laid_down = [each.subject for each in await world.deliveries() if each.etat == "deposee"]
    assert len(laid_down) == len(set(laid_down)) == MANY
    assert await world.send("centre", file_of(MANY), "fichier-1") == (
        202,
        {"id": str(message), "etat": "accepte", "acceptes": MANY, "rejets": [], "avertissements": []},
    )


async def test_bad_rows_of_a_large_file_are_listed_and_the_others_applied(world: World) -> None:
    await world.apply(world.registry(siao_01=BOITE))
    body = file_of(ROWS)
    body[4] = vacancy("A-4", **BAD)
    body[ROWS - 1] = vacancy(f"A-{ROWS - 1}", **BAD)
    fate = await decided(world, await sent(world, body))
    await world.settled()
    assert (fate["etat"], fate["acceptes"], fate["rejetes"]) == ("partiel", ROWS - 2, 2)
    assert [(r["ligne"], r["champ"]) for r in fate["rejets"]] == [(5, "commune"), (ROWS, "commune")]
    assert await world.count("subject") == ROWS - 2


async def test_a_row_that_its_sender_has_numbered_has_one_effect_in_whichever_large_files_it_comes(
    door: World,
) -> None:
    numbered = [{**row, "idEvenement": f"ev-{n}"} for n, row in enumerate(file_of(ROWS))]
    for more, key in ([], "fichier-1"), ([vacancy("B-1", idEvenement="ev-b")], "fichier-2"):
        message = await sent(door, [*numbered, *more], key)
        while (await door.message(message)).etat == "en_cours":
            await decoder(door)._next()
    assert await door.count("event") == ROWS + 1
    assert (await siao_hub(door.settings, "compte")).status == 0


async def test_one_bad_row_of_a_large_file_leaves_nothing_where_the_partner_wants_all_or_nothing(
    world: World,
) -> None:
    await world.apply(world.registry(siao_01=BOITE, centre={"tout_ou_rien": True}))
    body = file_of(ROWS)
    body[ROWS - 1] = vacancy(f"A-{ROWS - 1}", **BAD)
    message = await sent(world, body)
    fate = await decided(world, message)
    assert (fate["etat"], fate["acceptes"]) == ("refuse", 0)
    assert {rejet["code"] for rejet in fate["rejets"]} >= {"tout_ou_rien"}
    assert [r["champ"] for r in fate["rejets"] if r["ligne"] == ROWS] == ["commune"]
    assert await world.count("event") == 0
    assert await world.backlog() == []
    assert await world.bus.records() == []

    fate = await decided(world, await sent(world, file_of(ROWS), "fichier-2"))
    await world.settled()
    assert (fate["etat"], fate["acceptes"]) == ("accepte", ROWS)
    assert await world.count("subject") == ROWS


async def test_a_large_file_that_is_refused_is_in_quarantine_and_leaves_its_key_to_the_corrected_one(
    world: World,
) -> None:
    await world.apply(world.registry(siao_01=BOITE))
    message = await sent(world, [vacancy(f"A-{n}", **BAD) for n in range(ROWS)])
    assert (await decided(world, message))["etat"] == "refuse"
    (entry,) = [entry for entry in await world.quarantined() if entry.message_id == message]
    assert (entry.etat, entry.partner) == ("ouverte", "centre")
    corrected = await sent(world, file_of(ROWS), "fichier-1")
    assert corrected != message
    assert (await decided(world, corrected))["etat"] == "accepte"


async def test_large_files_wait_for_a_hub_that_reads_them_their_keys_taken_and_one_that_trips_it_holds_up_no_other(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared.start(Role.GATEWAY)
    in_hundreds(prepared, monkeypatch)
    tripping = await sent(prepared, file_of(CHUNK + 1))
    await accidents.dialect_is_gone(prepared)
    following = await sent(prepared, file_of(CHUNK + 2), "fichier-2")
    assert await sent(prepared, file_of(CHUNK + 2), "fichier-2") == following
    status, _ = await prepared.send("centre", file_of(CHUNK + 3), "fichier-2")
    assert status == 409
    await prepared.stop()
    await prepared.start(Role.GATEWAY, Role.SOURCES)
    fate = await decided(prepared, tripping)
    assert (fate["etat"], [r["code"] for r in fate["rejets"]]) == ("refuse", ["erreur_interne"])
    assert (await decided(prepared, following))["etat"] == "accepte"
    assert await prepared.count("event") == CHUNK + 2
    (entry,) = await prepared.quarantined()
    assert (entry.cause, entry.message_id) == ("bug", tripping)
    assert prepared.alive


def nameless(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "idMessage"}


def unlike(one: int, other: int) -> dict[str, Any]:
    """Two households that are not the same one, as the SIAO says."""
    cited = {"ficheGroupe": {"id": one}, "autreFicheGroupe": {"id": other}}
    return {"type": "menage.doublon-ecarte", **cited}


@pytest.mark.parametrize(("key", "etat"), [(None, "partiel"), ("envoi-1", "accepte")])
async def test_a_referral_far_behind_in_a_large_message_needs_a_key_as_any_other(
    door: World, key: str | None, etat: str
) -> None:
    rows = [unlike(n, 5000) for n in range(CHUNK + 1)] + [nameless(referral(str(uuid4())))]
    _, answer = await door.send("siao-01", rows, key)
    await decoder(door)._next()
    kept = await door.message(answer["id"])
    assert kept.etat == etat
    told = [("cle_absente", CHUNK + 2)] if key is None else []
    assert [(r["code"], r["ligne"]) for r in json.loads(kept.rejections)] == told
    assert await door.count("event") == kept.accepted == len(rows) - len(told)
