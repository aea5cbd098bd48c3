"""A round trip costs as much as what it carries: a message alone takes few, from the door to its receipt on record."""

from collections.abc import Mapping
from typing import Any

import pytest

from router.ops import heartbeat
from router.roles import Role
from tests.integration.messages import vacancy
from tests.integration.registry import http
from tests.integration.statements import Heard, heard
from tests.integration.waiting import until
from tests.integration.world import World

MOST = 10
FOR_A_NEW_PLACE = 1
"""Its id and its key are created where there is none; the message itself is still kept in one."""
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


async def test_what_there_was_no_room_for_leaves_as_soon_as_there_is_whatever_the_clock_says(
    prepared: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_at_a_time = http(prepared.siao.port, prepared.secret, en_vol=1)
    await prepared.write_registry(prepared.registry(siao_01={"sortie": one_at_a_time}))
    without_a_clock(prepared, monkeypatch)
    await prepared.start(Role.GATEWAY, Role.RELAY, Role.WORKER, Role.DISPATCHER)
    await prepared.send("centre", [vacancy(f"A-{number}") for number in range(5)])
    await until(lambda: len(prepared.siao.messages) == 5, "toutes arrivent")
    prepared.siao.status = 503
    await prepared.send("centre", vacancy("A-5"))
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
