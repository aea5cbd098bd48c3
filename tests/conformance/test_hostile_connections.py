"""The server before any key is known: what is too large, too slow, too much or no HTTP ends, and harms nobody."""

import asyncio
import json
from functools import partial
from ipaddress import ip_network

import pytest

from connectors.http_guard import AHEAD, Bounds
from connectors.visits import Room
from tests.hostile.connections import HEAD, Line, rubbish, too_large
from tests.integration.waiting import until

from .uvicorn_server import served

GET = b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n"
IMPATIENT = Bounds(head_seconds=1.0, head_bytes=10**9, headers=10**9)
"""Only time is short: a busy machine reads what is said within it."""
PATIENT = Bounds(head_seconds=1000)


def named(case: tuple[str, bytes]) -> str:
    """A case by its name."""
    return case[0]


class Site:
    """Reads every body; answers 200 with its length, once `open` is set."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.asked = self.told = 0
        self.answer = b""
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope, receive, send) -> None:
        self.asked += 1
        self.headers = scope["headers"]
        size, more = 0, scope["method"] == "POST"
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size, more = size + len(message["body"]), message.get("more_body", False)
        await self.open.wait()
        answer = self.answer or b"%d" % size
        headers = [(b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer, "more_body": True})
        await send({"type": "http.response.body", "body": b""})  # waits until what came before is read
        self.told += 1


@pytest.fixture
def site() -> Site:
    return Site()


def kind_of(answer: bytes) -> tuple[int, str]:
    """Status and kind of an answer that is one whole problem, in French, and says that the connection ends."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert b"content-type: application/problem+json" in lines
    assert b"connection: close" in lines
    content = json.loads(body)
    assert content["detail"]
    assert int(head.split()[1]) == content["status"]
    return content["status"], content["type"].removeprefix("urn:siao:probleme:")


@pytest.mark.parametrize("case", [*too_large()], ids=named)
async def test_a_head_beyond_its_bounds_is_431_and_reaches_nobody(site, case):
    async with served(site) as base:
        line = await Line.to(base)
        await line.say(case[1])
        assert kind_of(await line.rest()) == (431, "en-tete-trop-grand")
    assert site.asked == 0


async def test_a_head_of_the_bounds_is_served(site):
    many = b"".join(b"X-%d: y\r\n" % n for n in range(99))
    long = b"X-Long: " + b"x" * 32_000 + b"\r\n"
    async with served(site) as base:
        for more in (many, long):
            line = await Line.to(base)
            await line.say(b"GET / HTTP/1.1\r\nHost: hub\r\n" + more + b"\r\n")
            assert (await line.answer()).endswith(b"\r\n\r\n0")
            line.hang_up()


@pytest.mark.parametrize("case", [*rubbish()], ids=named)
async def test_what_is_no_http_is_400_as_a_problem(site, case):
    async with served(site) as base:
        line = await Line.to(base)
        await line.say(case[1])
        assert kind_of(await line.rest()) == (400, "requete-illisible")


@pytest.mark.parametrize("trickle", [b"x", b"X-A: y\r\n"], ids=["a byte", "a header"])
async def test_a_head_that_trickles_in_is_cut_off_in_time_with_408(site, trickle):
    async with served(site, IMPATIENT) as base:
        line = await Line.to(base)
        await line.say(HEAD)
        assert kind_of(await line.babble(trickle)) == (408, "en-tete-trop-lent")
    assert site.asked == 0


async def test_the_head_of_a_later_request_has_no_more_time_than_the_first(site):
    async with served(site, IMPATIENT) as base:
        line = await Line.to(base)
        await line.say(GET)
        await line.answer()
        await line.say(HEAD)
        assert kind_of(await line.babble(b"X: y\r\n"))[0] == 408


@pytest.mark.parametrize("blank", [b"\r\n", b"\n"])
async def test_blank_lines_without_end_are_cut_off(site, blank):
    async with served(site, IMPATIENT) as base:
        for before in (b"", GET):
            line = await Line.to(base)
            await line.say(before)
            await line.babble(blank)


async def test_who_connects_and_says_nothing_is_hung_up_on_without_a_word(site):
    async with served(site, IMPATIENT) as base:
        assert await (await Line.to(base)).rest() == b""


async def test_a_connection_that_was_served_may_wait_longer_than_a_head_may_take(site):
    async with served(site, IMPATIENT) as base:
        line = await Line.to(base)
        await line.say(GET)
        await line.answer()
        await (await Line.to(base)).rest()
        await line.say(GET)
        assert await line.answer()
        line.hang_up()


async def test_a_connection_that_waits_for_too_long_is_closed(site):
    async with served(site, idle_s=0) as base:
        line = await Line.to(base)
        await line.say(GET)
        assert (await line.rest()).startswith(b"HTTP/1.1 200")


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("before", "more"),
    [(b"1\r\nx\r\n0\r\n", b"X-Trailer: " + b"y" * 500 + b"\r\n"), (b"", b"1;" + b"x" * 1000 + b"\r\nx\r\n")],
    ids=["trailers", "chunk extensions"],
)
async def test_what_comes_with_a_body_and_is_none_has_a_bound(site, before, more):
    async with served(site) as base:
        line = await Line.to(base)
        await line.say(CHUNKED + before)
        assert kind_of(await line.babble(more)) == (431, "en-tete-trop-grand")


async def test_what_follows_a_body_is_no_header_however_much_it_is(site):
    body = b"10000\r\n" + b"x" * 0x10000 + b"\r\n0\r\n"
    async with served(site) as base:
        line = await Line.to(base)
        await line.say(CHUNKED + body + b"Host: another\r\n" + b"x: y\r\n" * 20_000 + b"\r\n")
        assert (await line.answer()).endswith(b"\r\n\r\n65536")
        line.hang_up()
    assert (b"host", b"another") not in site.headers
    assert len(site.headers) < 10


async def test_a_body_in_the_smallest_chunks_is_taken(site):
    async with served(site) as base:
        line = await Line.to(base)
        await line.say(CHUNKED, *[b"1\r\nx\r\n" * 1000] * 50, b"0\r\n\r\n")
        assert (await line.answer()).endswith(b"\r\n\r\n50000")
        line.hang_up()


@pytest.mark.parametrize("case", [*rubbish(), *too_large()], ids=named)
async def test_an_answer_that_is_due_is_given_whatever_comes_behind_its_request(site, case):
    site.open.clear()
    async with served(site) as base:
        line = await Line.to(base)
        await line.say(HEAD + b"Content-Length: 1\r\n\r\nx", case[1])
        await line.say(b"x" * 1000)
        site.open.set()
        said = await line.rest()
    assert said.startswith(b"HTTP/1.1 200")
    assert said.count(b"HTTP/1.1 200") == 1, "rien d'autre n'est servi"


async def test_requests_far_ahead_are_not_piled_up(site):
    site.open.clear()
    async with served(site) as base:
        line = await Line.to(base)
        await line.say(GET * 5000)
        site.open.set()
        said = await line.rest()
    assert said.count(b"HTTP/1.1 200") == site.asked == AHEAD + 1


async def test_a_body_that_nobody_reads_is_not_listened_to_for_ever():
    async def refusing(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 401, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async with served(refusing, IMPATIENT) as base:
        line = await Line.to(base)
        await line.say(CHUNKED)
        said = await line.babble(b"1\r\nx\r\n")
    assert said.count(b"HTTP/1.1") == 1
    assert said.startswith(b"HTTP/1.1 401")


async def test_who_never_reads_its_answer_is_hung_up_on(site):
    site.answer = b"x" * 50_000_000
    async with served(site, Bounds(unread_seconds=0.1)) as base:
        greedy = await Line.to(base)
        await greedy.say(GET)
        try:
            await until(lambda: site.told == 1, "l'application n'attend plus")
        finally:
            greedy.hang_up()


async def is_served(base: str) -> bool:
    """Whether there is room for one more."""
    line = await Line.to(base)
    await line.say(b"HEAD / HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n")
    return (await line.rest()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "room", [Room(connections=3), Room(of_one_address=3)], ids=["in all", "of an address"]
)
async def test_with_no_room_left_the_longest_waiting_gives_way_and_who_is_served_stays(site, room):
    site.open.clear()
    async with served(site, PATIENT, room) as base:
        at_work = await Line.to(base)
        await at_work.say(GET)
        await until(lambda: site.asked == 1, "il est servi")
        idle, idle_too, newcomer = [await Line.to(base) for _ in range(3)]
        assert await idle.rest() == b""
        site.open.set()
        for line in (at_work, idle_too, newcomer):
            if line is not at_work:
                await line.say(GET)
            assert await line.answer()
            line.hang_up()


async def test_with_everybody_at_work_another_is_told_to_come_back(site):
    site.open.clear()
    async with served(site, PATIENT, Room(connections=2)) as base:
        lines = [await Line.to(base) for _ in range(2)]
        for line in lines:
            await line.say(GET)
        await until(lambda: site.asked == 2, "tous sont servis")
        said = await (await Line.to(base)).rest()
        assert said.startswith(b"HTTP/1.1 503")
        assert b"retry-after: " in said
        assert b"urn:siao:probleme:trop-de-connexions" in said
        site.open.set()
        for line in lines:
            assert await line.answer()
            line.hang_up()
        await until(partial(is_served, base), "il y a de nouveau de la place")


async def test_a_named_proxy_has_the_connections_of_many(site):
    behind = Room(of_one_address=1, proxies=(ip_network("127.0.0.0/8"),))
    async with served(site, PATIENT, behind) as base:
        lines = [await Line.to(base) for _ in range(5)]
        for line in lines:
            await line.say(GET)
            assert await line.answer()
            line.hang_up()
