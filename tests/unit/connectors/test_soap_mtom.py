"""An answer with attachments is read whole, once, and within bounds; what is none leaves the outcome unknown."""

import base64
from collections.abc import Sequence

import pytest

from connectors.http_client import MEDIA_TYPE_CHARACTERS
from connectors.soap.envelope import envelope
from connectors.soap.mtom import HEAD_BYTES, PARTS, whole
from connectors.soap.verdict import judged
from contracts.errors import InvalidNative, OutcomeUnknown
from contracts.ports import Native
from contracts.xml import read_xml
from tests.rows import each_row

KIND = 'Multipart/Related; type="application/xop+xml"; start="<racine>"; Boundary="bord"'
Part = tuple[bytes, bytes]
"""Header lines, and content."""


def answer(*parts: Part, kind: str = KIND, end: bytes = b"\r\n--bord--\r\n") -> Native:
    body = b"".join(
        b"\r\n--bord\r\n" + head + b"\r\n" * (1 + bool(head)) + content for head, content in parts
    )
    return Native(b"pr\xe9ambule" + body + end, kind)


def root(*cited: str, head: bytes = b"Content-ID: <racine>") -> Part:
    included = "".join(
        f'<f><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:{name}"/></f>'
        for name in cited
    )
    return head, envelope(f"<a>é{included}</a>".encode(), "1.2")


def texts(said: Native) -> list[str]:
    return [each.text or "" for each in read_xml(said.body).iter("f")]


@each_row(
    ("head", "content"),
    [
        (b"Content-ID:\r\n <un@a>\r\nContent-Transfer-Encoding: binary", b"\x00\r\n\xff"),
        (b"content-id: <un@a>\r\ncontent-transfer-encoding: BASE64", base64.encodebytes(b"\x00\r\n\xff")),
        (b"Content-ID: <un@a>\r\nContent-Transfer-Encoding: quoted-printable", b"=00=0D=0A=FF"),
    ],
)
def test_an_attachment_comes_back_in_its_place_however_it_was_sent(head: bytes, content: bytes) -> None:
    said = whole(answer((head, content), root("un%40a")))
    assert [base64.b64decode(text) for text in texts(said)] == [b"\x00\r\n\xff"]
    assert "é".encode() in said.body


def test_the_first_part_is_the_envelope_where_none_is_named_and_a_missing_attachment_is_empty() -> None:
    said = whole(answer(root("absente", head=b""), kind="multipart/related; boundary=bord", end=b""))
    assert texts(said) == [""]


def test_an_answer_of_one_part_stays_as_it_is() -> None:
    plain = Native(b"<a/>", "text/xml")
    assert whole(plain) is plain


@each_row(
    "reply",
    [
        answer(root("un", "un"), (b"Content-ID: <un>", b"x" * 1000)),
        answer(root(), *[(b"", b"")] * PARTS),
        answer((b"Content-Type: text/plain" + b";" * HEAD_BYTES, b"<a/>")),
        answer(root("un"), (b"Content-ID: <un>\r\nContent-Transfer-Encoding: base64", b"x")),
        Native(b"--bord\r\nsans fin d'en-t\xeate", KIND),
        Native(b"", KIND),
        answer(root(), kind="multipart/related; boundary=" + "x" * 71),
        answer(root(), kind="multipart/related; ((((" + "(" * (MEDIA_TYPE_CHARACTERS - 30)),
        answer(root(), kind="multipart/related" + ";" * (MEDIA_TYPE_CHARACTERS - 30)),
    ],
)
def test_what_is_no_such_answer_proves_nothing(reply: Native) -> None:
    with pytest.raises(InvalidNative):
        whole(reply)
    assert isinstance(judged(reply, None, None, cut=False), OutcomeUnknown)


@each_row("parts", [1, 10, PARTS - 1])
def test_what_comes_out_is_never_much_longer_than_what_came_in(parts: int) -> None:
    names: Sequence[str] = [f"p{number}" for number in range(parts)]
    attached = [(f"Content-ID: <{name}>".encode(), bytes(60_000 // parts)) for name in names]
    reply = answer(root(*names), *attached)
    assert len(whole(reply).body) < 1.5 * len(reply.body)
