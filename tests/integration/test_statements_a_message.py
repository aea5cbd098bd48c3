"""A round trip costs as much as what it carries: a message alone takes few, from the door to its receipt on record."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from router.domain.roles import Role
from router.intake.draft import Draft
from router.process import heartbeat
from tests.integration.messages import vacancy
from tests.integration.registry import http
from tests.integration.statements import Heard, heard
from tests.integration.waiting import until
from tests.integration.world import World

MOST = 6
"""Accepted, taken, applied with its lane claimed, delivered; and the two that open and commit a transaction."""
FOR_A_NEW_PLACE = 2
"""Its id and its key are created where there is none, and read by who delivers it for the first time."""
NOBODYS = (
    "INTO heartbeat",
    "INTO contact",
    "INTO key_use",
    "INTO lease",
    "deadline d USING subject s",
    "count(*) AS total FROM outbox",
    "sum(accepted) AS rows FROM inbox",
    "FROM outbox TABLESAMPLE",
)
"""What a hub does by itself, message or no message."""


async def test_a_message_alone_takes_few_statements_from_the_door_to_the_partners_receipt(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_a_clock(prepared, monkeypatch)
    with heard() as said:
        await prepared.start(Role.GATEWAY, Role.RELAY, Role.WORKER, Role.DISPATCHER)
        ways = [await delivered(prepared, vacancy(), number, said) for number in range(5)]
        of_new_places = [
            await delivered(prepared, vacancy(f"N-{number}"), number, said) for number in range(5, 8)
        ]
    alone = min(ways, key=len)  # the first ones fill memories, and others may meet a look at the clock
    assert len(alone) <= MOST, "\n".join(alone)
    new = min(of_new_places, key=len)
    assert len(new) <= MOST + FOR_A_NEW_PLACE, "\n".join(new)


async def test_a_place_that_this_process_has_never_met_takes_one_question_more_and_brings_its_key(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_a_clock(prepared, monkeypatch)
    places = [vacancy(f"A-{number}", adresse="4 rue Neuve") for number in range(3)]
    await prepared.start(Role.GATEWAY)
    await prepared.accepted("centre", places)
    await prepared.stop()
    ways: list[Sequence[str]] = []
    with heard() as said:
        await prepared.start(Role.GATEWAY)
        for number, place in enumerate(places):
            before = len(said.transactions)
            status, _ = await prepared.send("centre", place, key=f"k-{number}")
            assert status == 202
            ways.append(Heard(said.transactions[before:]).but(*NOBODYS))
    met = min(ways, key=len)  # the hub may look at its keys meanwhile
    assert len(met) == 2, "\n".join(met)
    assert "crosswalk" in met[0]


async def test_a_message_that_is_refused_takes_nobody_of_a_crowd_with_it_on_its_longer_way(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared.start(Role.GATEWAY)
    assert prepared.hub is not None
    intake = prepared.hub.intake
    commit_in_steps = intake._commit_in_steps
    in_steps: list[str] = []

    async def noted(drafts: Sequence[Draft]) -> Any:
        in_steps.extend(draft.etat for draft in drafts)
        return await commit_in_steps(drafts)

    monkeypatch.setattr(intake, "_commit_in_steps", noted)
    crowd = [vacancy(f"A-{number}") for number in range(12)]
    crowd[6] = {"type": "place.vacante"}
    answers = await asyncio.gather(
        *(prepared.send("centre", body, key=f"k-{number}") for number, body in enumerate(crowd))
    )
    assert Counter(status for status, _ in answers) == {202: 11, 422: 1}
    assert in_steps == ["refuse"]


async def test_what_there_was_no_room_for_leaves_as_soon_as_there_is_whatever_the_clock_says(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_at_a_time = http(prepared.siao.port, prepared.secret, en_vol=1)
    await prepared.write_registry(prepared.registry(siao_01={"sortie": one_at_a_time}))
    without_a_clock(prepared, monkeypatch)
    await prepared.start(Role.GATEWAY, Role.RELAY, Role.WORKER, Role.DISPATCHER)
    await prepared.accepted("centre", [vacancy(f"A-{number}") for number in range(5)])
    await until(lambda: len(prepared.siao.messages) == 5, "toutes arrivent")
    prepared.siao.status = 503
    await prepared.accepted("centre", vacancy("A-5"))
    await until(lambda: len(prepared.siao.attempts) > 5, "le SIAO ne prend pas la sixième")
    prepared.siao.status = 204
    await until(lambda: len(prepared.siao.messages) == 6, "après son recul, elle arrive")


def without_a_clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks because it is time to: who is not told, or does not think of it, never comes."""
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 600.0)
    world.settings = world.settings.model_copy(update={"lease_s": 900.0})


async def delivered(world: World, body: Mapping[str, Any], number: int, said: Heard) -> list[str]:
    """One message more of the shelter goes its way to the end; what was said for it."""
    before = len(said.transactions)
    status, _ = await world.send("centre", body, key=f"k-{number}")
    assert status == 202
    await until(lambda: len(world.siao.messages) == number + 1, "elle arrive")
    await world.settled()
    return Heard(said.transactions[before:]).but(*NOBODYS)
