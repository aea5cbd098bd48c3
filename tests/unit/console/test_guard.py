"""A form is bounded before anything of it is read: one without a file far below one with a file. Its charset is
UTF-8, because Python takes minutes for others."""

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


async def answered(kind: bytes, size: int | None) -> int | None:
    """Send a form's head to the guard. Return the status of its refusal; None if the form has reached the page."""
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
    statuses = [each["status"] for each in said if "status" in each]
    assert len(reached) + len(statuses) == 1
    return statuses[0] if statuses else None
