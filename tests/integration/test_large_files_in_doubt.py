"""A large file that two processes read, or that nobody can read any more: no row counts twice, none is taken back."""

import asyncio
from typing import Any

import pytest
import pytest_asyncio

from contracts.errors import Misconfigured
from router.domain.roles import Role
from router.intake.bulk import Bulk
from tests.integration import accidents, lasting
from tests.integration.desk import siao_hub
from tests.integration.halfway import accepting_rows
from tests.integration.large_files import (
    BAD,
    CHUNK,
    ROWS,
    Ended,
    decided,
    decoder,
    file_of,
    half_way,
    in_hundreds,
    lose_the_key_of,
    sent,
)
from tests.integration.lasting import Lasting
from tests.integration.messages import vacancy
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK


@pytest_asyncio.fixture(loop_scope="module")
async def door(lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> World:
    """A front door for which files are soon large."""
    return in_hundreds(await lasting.running(Role.GATEWAY), monkeypatch)


async def test_two_processes_that_decode_the_same_file_count_each_row_once(door: World) -> None:
    """As when one was frozen past its lease: its chunk meets the progress of its successor and is dropped."""
    message = await sent(door, file_of(ROWS))
    frozen, successor = decoder(door), decoder(door)
    await asyncio.gather(frozen._next(), successor._next())
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("accepte", ROWS)
    assert await door.count("event") == ROWS


class Frozen(Bulk):
    """Stands still before its last step with a message, until it is thawed."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.reached, self.thawed = asyncio.Event(), asyncio.Event()

    async def _finish(self, *what: Any) -> None:
        await self._stand()
        await super()._finish(*what)

    async def _make_pending(self, partner: str) -> None:
        await self._stand()
        await super()._make_pending(partner)

    async def _stand(self) -> None:
        self.reached.set()
        await self.thawed.wait()


async def overtaken(world: World) -> None:
    """One process stands still before its last step; its successor takes it, and what it let go is applied; then
    the first is thawed."""
    frozen = decoder(world, Frozen)
    step = asyncio.create_task(frozen._next())
    await until(frozen.reached.is_set, "le premier est à sa dernière étape")
    await decoder(world)._next()
    assert await accidents.applied_elsewhere(world)
    frozen.thawed.set()
    await step


async def test_a_thawed_process_gives_no_tokens_to_the_rows_of_a_file_that_its_successor_closed(
    door: World,
) -> None:
    await door.apply(door.registry(centre={"tout_ou_rien": True}))
    message = await sent(door, file_of(CHUNK + 1))
    await overtaken(door)
    assert await door.backlog() == []
    assert len(await door.audited("message.accepte", about=message)) == 1


async def test_a_thawed_process_gives_no_token_to_a_message_that_its_successor_let_go(door: World) -> None:
    await sent(door, file_of(CHUNK + 1))
    assert (await door.send("centre", vacancy("A-0", capacite=2)))[0] == 202
    await decoder(door)._next()
    await accidents.applied_elsewhere(door)
    await overtaken(door)
    assert await door.backlog() == []


async def test_of_a_file_that_becomes_unreadable_half_way_the_accepted_rows_stay_accepted_and_are_told(
    door: World,
) -> None:
    message = await half_way(door)
    await lose_the_key_of(door, message)
    await decoder(door)._next()
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("partiel", CHUNK)
    assert f"après {CHUNK} lignes" in fate["rejets"][0]["message"]
    assert len(await door.backlog()) == CHUNK
    _, again = await door.send("centre", file_of(ROWS), "fichier-1")
    assert (again["id"], again["acceptes"]) == (str(message), CHUNK), "renvoyé, rien n'en double"


async def test_of_a_file_that_becomes_unreadable_half_way_nothing_is_left_where_the_partner_wants_all_or_nothing(
    door: World,
) -> None:
    await door.apply(door.registry(centre={"tout_ou_rien": True}))
    message = await half_way(door)
    assert await door.count("event") == CHUNK
    await lose_the_key_of(door, message)
    await decoder(door)._next()
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("refuse", 0)
    assert await door.count("event") == 0


@pytest.mark.parametrize(("last", "etat"), [(BAD, "refuse"), ({}, "accepte")])
async def test_what_repeats_an_event_of_an_all_or_nothing_file_is_answered_once_the_file_is_decided(
    door: World, last: dict[str, str], etat: str
) -> None:
    await door.apply(door.registry(centre={"tout_ou_rien": True}))
    numbered = vacancy("A-0", idEvenement="ev-0")
    message = await sent(door, [numbered, *file_of(CHUNK), numbered, vacancy("B-1", **last)])
    await decoder(door, Ended)._next()
    for undecided in numbered, {**numbered, "place": "A-1"}:
        assert (await door.send("centre", [undecided, vacancy("C-1")], "cle-2"))[0] == 503
    assert await door.count("event") == CHUNK
    await decoder(door)._next()
    assert (await decided(door, message))["etat"] == etat
    status, answer = await door.send("centre", [numbered, vacancy("C-1")], "cle-2")
    assert (status, answer["acceptes"]) == (202, 2)
    assert await door.count("event") == (2 if etat == "refuse" else CHUNK + 3)
    assert (await siao_hub(door.settings, "compte")).status == 0


async def test_rows_that_another_process_is_just_accepting_are_not_refused_with_the_file(door: World) -> None:
    message = await sent(door, file_of(ROWS))
    await lose_the_key_of(door, message)
    async with accepting_rows(door, message, CHUNK) as other:
        closing = asyncio.create_task(decoder(door)._next())
        await until(lambda: door.waits_for(other), "il attend l'autre")
    await closing
    fate = await decided(door, message)
    assert (fate["etat"], fate["acceptes"]) == ("partiel", CHUNK)


async def test_a_large_file_is_not_closed_because_the_tables_are_those_of_another_version_for_a_while(
    door: World,
) -> None:
    message = await sent(door, file_of(CHUNK + 1))
    await accidents.table_is_renamed(door, "crosswalk", to="ailleurs")
    with pytest.raises(Misconfigured):
        await decoder(door)._next()
    await accidents.table_is_renamed(door, "ailleurs", to="crosswalk")
    await decoder(door)._next()
    assert (await decided(door, message))["acceptes"] == CHUNK + 1
