"""A form is bounded before anything of it is read: one without a file far below one with a file."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from console.guard import FORM_BYTES, Guard

FILE_BYTES = 1024 * 1024
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
    reached, said = list[Scope](), list[Message]()

    async def page(scope: Scope, _: Receive, __: Send) -> None:
        reached.append(scope)

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        said.append(message)

    length = [] if size is None else [(b"content-length", str(size).encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-type", kind), *length]}
    await Guard(page, FILE_BYTES, tls=False)(scope, receive, send)
    assert bool(reached) is passes
    assert [each["status"] for each in said if "status" in each] == ([] if passes else [413])
