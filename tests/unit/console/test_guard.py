"""A form is bounded before anything of it is read: one without a file far below one with a file. Its charset is
UTF-8, because Python takes minutes for others. What arrives slowly is cut off, and files find room in memory."""

import asyncio

import pytest
from fastapi import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from console import guard
from console.app import PAGES
from console.guard import FORM_BYTES, OF_ONE_SESSION, OPEN, OPEN_FORM_BYTES, TOGETHER, Guard
from console.visit import Closed
from router.settings import ConsoleSettings

FILE_BYTES = 1024 * 1024
SETTINGS = ConsoleSettings(max_body_bytes=FILE_BYTES)
PLAIN, WITH_A_FILE = b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=b"


@pytest.mark.parametrize(
    ("kind", "size", "passes"),
    [
        (PLAIN, FORM_BYTES, True),
        (PLAIN, FORM_BYTES + 1, False),
        (b"text/plain", FORM_BYTES + 1, False),
        (WITH_A_FILE, FILE_BYTES, True),
        (WITH_A_FILE, FILE_BYTES + 1, False),
        (WITH_A_FILE, None, False),
    ],
)
async def test_a_form_above_its_bound_reaches_no_page(kind: bytes, size: int | None, passes: bool) -> None:
    assert await answered(kind, size) == (None if passes else 413)


@pytest.mark.parametrize(
    ("charset", "passes"),
    [
        (b"utf-8", True),
        (b'"UTF-8"', True),
        (b"punycode", False),
        (b"PUNYCODE", False),
        (b"undefined", False),
        (b"unicode_escape", False),
        (b"utf-8; charset=punycode", False),
    ],
)
@pytest.mark.parametrize("kind", [PLAIN, WITH_A_FILE, b"Multipart/Form-Data; boundary=b"])
async def test_a_form_in_another_charset_than_utf_8_reaches_no_page(
    kind: bytes, charset: bytes, passes: bool
) -> None:
    assert await answered(kind + b"; charset=" + charset, 100) == (None if passes else 415)


@pytest.mark.parametrize("kind", [PLAIN, WITH_A_FILE])
@pytest.mark.parametrize(("size", "passes"), [(OPEN_FORM_BYTES, True), (OPEN_FORM_BYTES + 1, False)])
async def test_a_form_that_is_read_of_a_stranger_is_a_small_one(kind: bytes, size: int, passes: bool) -> None:
    assert await answered(kind, size, OPEN + "lien") == (None if passes else 413)


def test_only_forms_of_the_login_are_read_before_the_session_is_recognised() -> None:
    routes = [route for module in PAGES for route in module.router.routes]
    read = [route for route in routes if "POST" in route.methods and not isinstance(route, Closed)]
    assert read
    assert [route.path for route in read if not route.path.startswith(OPEN)] == []


async def test_a_body_that_does_not_arrive_in_time_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "FORM_SECONDS", 0.01)
    said = list[int]()

    async def page(scope: Scope, receive: Receive, _: Send) -> None:
        try:
            await Request(scope, receive).body()
        except HTTPException as exc:
            said.append(exc.status_code)

    pieces: list[Message] = [{"type": "http.request", "body": b"a=", "more_body": True}]

    async def receive() -> Message:
        return pieces.pop() if pieces else await asyncio.Future()

    async with asyncio.timeout(10):
        await Guard(page, SETTINGS)(post(PLAIN, 100), receive, ignored)
    assert said == [408]


async def test_files_under_way_find_room_in_memory_each_session_has_its_part_and_gives_it_back() -> None:
    ended, said = asyncio.Event(), asyncio.Queue[int]()

    async def page(scope: Scope, receive: Receive, _: Send) -> None:
        try:
            await Request(scope, receive).body()
        except HTTPException as exc:
            said.put_nowait(exc.status_code)
        else:
            said.put_nowait(200)
            await ended.wait()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def sent(*of: str) -> list[int]:
        for session in of:
            scope = post(WITH_A_FILE, FILE_BYTES, cookie=f"siao={session}".encode())
            tasks.append(asyncio.create_task(served(scope, receive, ignored)))
        return sorted([await said.get() for _ in of])

    tasks, served = list[asyncio.Task[None]](), Guard(page, SETTINGS)
    assert await sent(*["une"] * (OF_ONE_SESSION + 1)) == [200] * OF_ONE_SESSION + [503]
    left = TOGETHER - OF_ONE_SESSION
    assert await sent(*map(str, range(left + 1))) == [200] * left + [503]
    ended.set()
    await asyncio.gather(*tasks)
    assert await sent(*["une"] * OF_ONE_SESSION) == [200] * OF_ONE_SESSION


def post(kind: bytes, size: int | None, path: str = "/", **more: bytes) -> Scope:
    """Return the head of a posted form."""
    length = {} if size is None else {"content-length": str(size).encode()}
    sent = {"content-type": kind, **length, **more}
    headers = [(name.encode(), value) for name, value in sent.items()]
    return {"type": "http", "method": "POST", "path": path, "headers": headers}


async def ignored(_: Message) -> None: ...


async def answered(kind: bytes, size: int | None, path: str = "/") -> int | None:
    """Send a form's head to the guard. Return the status of its refusal; None if the form has reached the page."""
    reached, said = list[Scope](), list[Message]()

    async def page(scope: Scope, _: Receive, __: Send) -> None:
        reached.append(scope)

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        said.append(message)

    await Guard(page, SETTINGS)(post(kind, size, path), receive, send)
    statuses = [each["status"] for each in said if "status" in each]
    assert len(reached) + len(statuses) == 1
    return statuses[0] if statuses else None
