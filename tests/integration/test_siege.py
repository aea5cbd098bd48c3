"""A door under siege by who has no key, and a partner who has one and notices nothing of it."""

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors import failures as failed_keys
from router.domain.roles import Role
from tests.hostile.connections import HEAD, Line, rubbish, too_large
from tests.integration import lasting
from tests.integration.messages import vacancy
from tests.integration.seen import vitals
from tests.integration.waiting import until
from tests.integration.world import World

pytestmark = lasting.MARK
door, prepared = lasting.door, lasting.prepared

MANY = 500
CONNECTIONS = 100
"""What the door of these tests has room for."""
ADDRESS = "127.0.0.1"
PROXY = {"X-Forwarded-For": "192.0.2.66, 198.51.100.7"}


@pytest.fixture
def enough_files() -> Iterator[None]:
    """For both ends of many connections, in one process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 3 * MANY), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def opened_with(world: World, **http: Any) -> World:
    """The door, with these settings of its own."""
    changed = world.settings.http.model_copy(update=http)
    world.settings = world.settings.model_copy(update={"http": changed})
    await world.start(Role.GATEWAY)
    return world


@asynccontextmanager
async def besieged(world: World, *first: bytes) -> AsyncIterator[list[Line]]:
    """So many connections that say no more than this, each at once."""

    async def begun() -> Line:
        line = await Line.to(world.base)
        await line.say(*first)
        return line

    lines = await asyncio.gather(*(begun() for _ in range(MANY)))
    try:
        yield list(lines)
    finally:
        for line in lines:
            line.hang_up()


@pytest.mark.parametrize(
    "first",
    [(), (HEAD,), (b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n",)],
    ids=["silent", "half a head", "served once"],
)
async def test_five_hundred_idle_connections_take_nothing_from_a_partner(
    prepared: World, enough_files: None, first: tuple[bytes, ...]
) -> None:
    door = await opened_with(
        prepared, max_connections=CONNECTIONS, max_connections_of_one_address=CONNECTIONS, head_s=1000
    )
    async with besieged(door, *first):
        for n in range(20):
            assert (await door.send("centre", vacancy(f"A-{n}")))[0] == 202
    assert await door.count("event") == 20


async def test_heads_that_never_end_are_cut_off_and_a_partner_is_heard_meanwhile(
    prepared: World, enough_files: None
) -> None:
    door = await opened_with(prepared, head_s=2.0)
    async with besieged(door, HEAD) as lines:
        assert (await door.send("centre", vacancy("A-1")))[0] == 202
        told = await asyncio.gather(*(line.rest() for line in lines))
    cut_off = [said for said in told if said]
    assert cut_off
    assert all(said.startswith((b"HTTP/1.1 408", b"HTTP/1.1 503")) for said in cut_off)


async def test_ten_thousand_headers_long_ones_and_rubbish_cost_a_partner_nothing(door: World) -> None:
    for _, said in (*too_large(), *rubbish()):
        line = await Line.to(door.base)
        await line.say(said)
        assert (await line.rest()).startswith((b"HTTP/1.1 4",))
        assert (await door.send("centre", vacancy("A-1")))[0] == 202
    assert door.alive


async def test_failed_authentications_are_logged_with_the_address_and_no_key(prepared: World) -> None:
    door = await opened_with(prepared)
    with capture_logs() as logs:
        for _ in range(3):
            await door.post(vacancy(), Authorization="Bearer mot-de-passe", **PROXY)
    assert failures(logs) == [(ADDRESS, 1), (ADDRESS, 2)], "personne ne croit un proxy qui n'est pas nommé"
    assert "mot-de-passe" not in str(logs)


async def test_behind_a_named_proxy_the_address_is_that_of_its_client(prepared: World) -> None:
    door = await opened_with(prepared, proxies=(ip_network(f"{ADDRESS}/32"),))
    with capture_logs() as logs:
        await door.post(vacancy(), Authorization="Bearer inconnue", **PROXY)
    assert failures(logs) == [("198.51.100.7", 1)], "le dernier que le proxy a lui-même vu"


async def test_who_guesses_keys_is_slowed_down_and_a_partner_behind_the_same_address_is_not(
    door: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failed_keys, "HELD_SECONDS", 0.5)
    guesses: list[int] = []

    async def guess() -> bool:
        guesses.append((await door.post(vacancy(), Authorization="Bearer inconnue")).status)
        return 429 in guesses

    async def keep_guessing() -> None:
        await until(guess, "qui devine est ralenti")

    await asyncio.gather(*(keep_guessing() for _ in range(8)))
    assert set(guesses) == {401, 429}

    async def counted() -> bool:
        assert door.hub is not None
        door.hub.heart.wake.set()
        return sum(beat.unknown_keys for beat in (await vitals(door)).beats) >= len(guesses)

    await until(counted, "status sait combien")
    assert (await door.send("centre", vacancy()))[0] == 202


def failures(logs: Any) -> list[tuple[str, int]]:
    """Addresses and numbers of failed authentications in a log."""
    return [(e["address"], e["failures"]) for e in logs if e["event"] == "authentication.failed"]
