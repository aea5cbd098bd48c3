"""Nothing overtakes a large file of its sender, and no file makes those of others wait for its end."""

from datetime import datetime, timedelta
from functools import partial
from types import SimpleNamespace

import pytest
import pytest_asyncio

from router.domain.partners import Registry
from router.domain.roles import Role
from router.intake import bulk, drafting
from tests.integration import lasting
from tests.integration.large_files import CHUNK, ROWS, decided, decoder, file_of, half_way, in_hundreds, sent
from tests.integration.lasting import Lasting
from tests.integration.messages import cancellation, vacancy
from tests.integration.registry import AUTRE_FINESS
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
prepared = lasting.prepared


@pytest_asyncio.fixture(loop_scope="module")
async def door(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> World:
    """A front door for which files are soon large."""
    return in_hundreds(await lasting.running(Role.GATEWAY), monkeypatch)


async def none_is_held(world: World) -> bool:
    return not any(message.held for message in await world.messages())


async def test_a_later_message_does_not_overtake_the_rows_of_a_large_file(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared.start(Role.GATEWAY)
    in_hundreds(prepared, monkeypatch)
    assert (await prepared.send("centre", vacancy("A-0")))[0] == 202  # the door knows the place from now on
    message = await sent(prepared, file_of(CHUNK + 1))
    later = {"type": "place.indisponible", "place": "A-0", "motif": "TRAVAUX"}
    assert (await prepared.send("centre", later))[0] == 202
    await prepared.stop()
    await prepared.start()
    await decided(prepared, message)
    await until(partial(none_is_held, prepared), "le message suivant est appliqué aussi")
    await prepared.settled()
    (unavailable,) = await prepared.events(kind="indisponible")
    assert [place.etat for place in await prepared.subjects() if place.id == unavailable.subject] == [
        "INDISPONIBLE"
    ]


async def test_a_message_waits_for_the_large_one_before_it_whatever_the_clocks_of_their_gateways_say(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        ahead = SimpleNamespace(now=lambda zone: datetime.now(zone) + timedelta(hours=1))
        patched.setattr(drafting, "datetime", ahead)
        large = await sent(door, file_of(CHUNK + 1))
    _, small = await door.send("centre", vacancy("A-0", capacite=2))
    await decoder(door)._next()
    assert [str(kept.id) for kept in await door.messages() if kept.held] == [small["id"]]
    assert (await decided(door, large))["etat"] == "accepte"


async def test_a_file_whose_partner_left_the_registry_waits_until_it_is_back_while_those_of_others_pass(
    door: World,
) -> None:
    everybody = door.registry()
    message = await half_way(door)
    assert (await door.send("centre", vacancy("A-0", capacite=2)))[0] == 202
    _, other = await door.send(
        "centre-boite", [vacancy(f"B-{n}", structure=AUTRE_FINESS) for n in range(CHUNK + 1)]
    )
    await door.apply(Registry.of(p for p in everybody.partners.values() if p.id != "centre"))
    assert await decoder(door)._next()
    assert not await decoder(door)._next(), "rien d'autre à faire"
    waiting, small = await door.messages("centre")
    assert (waiting.etat, waiting.accepted) == ("en_cours", CHUNK)
    assert (small.etat, small.accepted) == ("accepte", 1)
    passed = await door.message(other["id"])
    assert (passed.etat, passed.accepted) == ("accepte", CHUNK + 1)

    await door.apply(everybody)
    assert await decoder(door)._next()
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("accepte", ROWS)
    assert await decoder(door)._next()
    assert len(await door.backlog()) == ROWS + 1 + CHUNK + 1
    assert (await door.queued())[-1] == small.id, "ce qui venait derrière suit"


async def test_partners_take_turns_with_their_large_files_and_each_keeps_its_order(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SLICE_CHUNKS", 1)
    first = await sent(door, file_of(ROWS))
    _, small = await door.send("centre", vacancy("A-0", capacite=2))
    _, other = await door.send(
        "centre-boite", [vacancy(f"B-{n}", structure=AUTRE_FINESS) for n in range(CHUNK + 50)], "autre"
    )
    _, third = await door.send("siao-01", [cancellation(n) for n in range(CHUNK + 1)], "troisieme")
    names = {str(first): "centre", small["id"]: "petit", other["id"]: "boite", third["id"]: "siao"}
    turns, one = [], decoder(door)
    while await one._next():
        undecided = [kept for kept in await door.messages() if kept.etat == "en_cours" or kept.held]
        turns.append({names[str(kept.id)]: kept.rows_done for kept in undecided})
    assert turns == [
        {"centre": CHUNK, "petit": 0, "boite": 0, "siao": 0},
        {"centre": CHUNK, "petit": 0, "boite": CHUNK, "siao": 0},
        {"centre": CHUNK, "petit": 0, "boite": CHUNK, "siao": CHUNK},
        {"centre": 2 * CHUNK, "petit": 0, "boite": CHUNK, "siao": CHUNK},
        {"centre": 2 * CHUNK, "petit": 0, "siao": CHUNK},
        {"centre": 2 * CHUNK, "petit": 0},
        {"petit": 0},
        {},
    ]
    assert await door.count("event") == ROWS + 1 + CHUNK + 50, (
        "ce que le SIAO annule n'existe pas : rien n'en est gardé"
    )


async def test_small_messages_behind_a_large_file_are_let_go_in_the_order_of_their_202(door: World) -> None:
    await sent(door, file_of(CHUNK + 1))
    for capacite in range(2, 6):
        assert (await door.send("centre", vacancy("A-0", capacite=capacite)))[0] == 202
    one = decoder(door)
    while await one._next():
        pass
    _, *small = [kept.id for kept in await door.messages()]
    assert len(small) == 4
    assert [message for message in await door.queued() if message in small] == small
