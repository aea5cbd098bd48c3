"""Put the attachments of a SOAP reply (MTOM) back into its envelope, to make one XML document. An attachment
that itself has several parts (multipart) stays as it is."""

import binascii
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import unquote

from lxml import etree

from contracts.errors import InvalidNative
from contracts.ports import Native
from contracts.xml import read_xml

PARTS = 64
HEAD_BYTES = 4 * 1024
"""Largest size of the headers of one part."""
BOUNDARY_CHARACTERS = 70
"""Largest length of a multipart boundary (RFC 2046, 5.1.1)."""
INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"

_PARAMETER = re.compile(r';\s*+(boundary|start)\s*+=\s*+(?:"([^"]*+)"|([^\s;"]++))', re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]++")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")


class _Part(NamedTuple):
    name: str
    content: bytes


def whole(reply: Native) -> Native:
    """Return a reply in several parts (`multipart/related`) as one envelope, with its attachments in base64;
    any other reply unchanged. Raises InvalidNative if the reply is broken or above a limit, or cites an
    attachment twice."""
    if not reply.media_type.lower().startswith("multipart/related"):
        return reply
    said = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(reply.media_type)}
    boundary = said.get("boundary", "")
    if not 0 < len(boundary) <= BOUNDARY_CHARACTERS:
        raise InvalidNative(
            "la réponse en plusieurs parties ne dit pas ce qui les sépare : nommez-le (« boundary »)"
        )
    parts = list(_parts(reply.body, boundary.encode("latin-1", "replace")))
    if not parts:
        raise InvalidNative("la réponse en plusieurs parties n'en a aucune : mettez-y l'enveloppe")
    named = {part.name: part.content for part in reversed(parts)}
    root = named.get(said.get("start", "").strip("<>"), parts[0].content)
    return Native(_with_attachments(root, named), "application/soap+xml; charset=utf-8")


def _parts(body: bytes, boundary: bytes) -> Iterator[_Part]:
    _, *pieces = (b"\n" + body).split(b"\n--" + boundary, PARTS + 1)
    for number, piece in enumerate(pieces):
        if piece.startswith(b"--"):
            return
        if number == PARTS:
            raise InvalidNative(f"plus de {PARTS} parties dans la réponse : retirez-en")
        head = _END_OF_HEAD.search(piece, 0, HEAD_BYTES)
        if head is None:
            raise InvalidNative("une partie de la réponse n'a pas d'en-tête, ou un trop long : corrigez-le")
        fields = _fields(piece[: head.start()])
        content = piece[head.end() :].removesuffix(b"\r")
        yield _Part(fields.get("content-id", "").strip("<>"), _decoded(content, fields))


def _fields(head: bytes) -> Mapping[str, str]:
    lines = _FOLD.sub(b" ", head).decode("latin-1").splitlines()
    said = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, colon, value in said if colon}


def _decoded(content: bytes, fields: Mapping[str, str]) -> bytes:
    match fields.get("content-transfer-encoding", "").lower():
        case "base64":
            try:
                return binascii.a2b_base64(content)
            except binascii.Error:
                raise InvalidNative("une partie de la réponse n'est pas du base64 : encodez-la") from None
        case "quoted-printable":
            return binascii.a2b_qp(content)
        case _:
            return content


def _with_attachments(root: bytes, parts: Mapping[str, bytes]) -> bytes:
    tree = read_xml(root)
    cited = set[str]()
    for include in list(tree.iter(INCLUDE)):
        name = unquote(include.get("href", "").removeprefix("cid:"))
        if name in cited:
            raise InvalidNative("la réponse cite deux fois la même partie : joignez-la deux fois")
        cited.add(name)
        if (parent := include.getparent()) is not None:
            parent.text = (parent.text or "") + b64encode(parts.get(name, b"")).decode()
            parent.remove(include)
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True)
