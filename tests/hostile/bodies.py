"""Bodies that are made to be expensive, by dialect and name.

Each aims at something whose cost may grow faster than the body: a parser, a pattern, a cache, a list of rejections.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

SMALL_BYTES = 16_000
LARGE_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Hostile:
    """One hostile body, for one dialect."""

    dialect: str
    name: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.dialect}-{self.name}"


def small() -> Iterator[Hostile]:
    """Yield hostile bodies so small that the hub reads them on its event loop."""
    return _all(SMALL_BYTES)


def large(size: int = LARGE_BYTES) -> Iterator[Hostile]:
    """Yield hostile bodies of `size` bytes, by default several megabytes."""
    return _all(size)


def replies(size: int) -> Iterator[tuple[str, bytes]]:
    """Yield hostile answers of a partner's server to a delivery: media type and body. The field that can mean a
    refusal is `a`."""
    fill = partial(_filled, size=size)
    for xml in (b"<a ", b"<a", b"<a/", b"<a>", b"<a:", b"<a:a ", b"<", b">", b"a:"):
        yield "text/xml", fill(xml)
    for end in (b" ", b"/", b"a"):
        yield "application/soap+xml", (b"<a " + fill(end))[:size]
    for json_text in (b"[", b'{"a":', b'{"a":1},', b"1", b'"a",', b"\\u0041"):
        yield "application/json", fill(json_text)
    for charset in ("punycode", "idna", "utf-7", "unicode_escape", "utf-16", "hz", "zlib"):
        yield f"application/json; charset={charset}", (b"a-" + fill(b"b"))[:size]


def masked_ones(size: int) -> Iterator[bytes]:
    """Yield hostile bodies for the display of a refused message: beginnings that nothing ends, and deep nesting."""
    fill = partial(_filled, size=size)
    for xml in (b"<!--", b"<![CDATA[", b"<!", b"<a b='", b'<a b="', b"<a>", b">", b"<a'\"", b"a.", b"<!-- -"):
        yield (b"<a>" + fill(xml))[:size]
    for json_text in (b"[", b'{"a":', b'{"a":1},', b"1", b'"'):
        yield (b"[" + fill(json_text))[:size]
    yield b"[" * 199 + b"1," * ((size - 400) // 2) + b"1" + b"]" * 199


def _all(size: int) -> Iterator[Hostile]:
    for dialect, bodies in (
        ("bailleur_xml", _xml(size)),
        ("hebergement_json", _json(size, "place.vacante", "admission.directe", "menage")),
        ("si_siao_json", _json(size, "orientation.proposee", "orientation.proposee", "ficheGroupe")),
        ("hebergement_csv", _csv(size)),
    ):
        yield from (Hostile(dialect, name, body) for name, body in bodies.items())


def _filled(unit: bytes, size: int) -> bytes:
    return unit * max(1, size // len(unit))


def _numbered(unit: bytes, size: int, separator: bytes = b"") -> bytes:
    """Return the unit repeated to about this size, each time with another number in it."""
    count = size // (len(unit) + len(separator) + 4)
    return separator.join(unit % number for number in range(count))


def _xml(size: int) -> Mapping[str, bytes]:
    size -= 200
    fill, numbered = partial(_filled, size=size), partial(_numbered, size=size)
    suites = lambda inside: (  # noqa: E731  a frame around every body below
        b'<suites xmlns="urn:siao-hub:bailleur:1" versionInterface="01.00">' + inside + b"</suites>"
    )
    return {
        "attributes of one element": suites(b"<decision" + numbered(b' a%x=""') + b"/>"),
        "namespaces of one element": suites(b"<decision" + numbered(b' xmlns:a%x="u"') + b"/>"),
        "children of one record": suites(b"<decision>" + fill(b"<a/>") + b"</decision>"),
        "empty records": suites(fill(b"<a/>")),
        "elements in elements": suites(fill(b"<a>")),
        "one number": suites(b"<decision><rang>" + fill(b"1") + b"</rang></decision>"),
        "one name": suites(b"<" + fill(b"a") + b"/>"),
        "character references": suites(b"<decision><a>" + fill(b"&#65;") + b"</a></decision>"),
        "comments": suites(fill(b"<!---->")),
        "processing instructions": suites(fill(b"<?a?>")),
        "digits that look like a NIR": suites(
            b"<decision><a>" + fill(b"1841276451089 ") + b"</a></decision>"
        ),
        "one field again and again": suites(b"<accuse>" + fill(b"<refCandidature/>") + b"</accuse>"),
        "spaces before a UTF-16 document": (" " * (size // 2) + "<suites/>").encode("utf-16"),
        "spaces before a document": fill(b"\n") + b"<suites/>",
        "a declaration without an end": b"<?xml " + fill(b" "),
        "declarations": fill(b"<?xml "),
    }


def _json(size: int, event: str, with_household: str, household: str) -> Mapping[str, bytes]:
    size -= 200
    fill, numbered = partial(_filled, size=size), partial(_numbered, size=size)

    def one(field: str, value: bytes, kind: str = event) -> bytes:
        return b'{"type":"%b","%b":%b}' % (kind.encode(), field.encode(), value)

    def of_household(field: str, value: bytes) -> bytes:
        return one(household, b'{"%b":%b}' % (field.encode(), value), with_household)

    text = lambda unit: b'"' + fill(unit) + b'"'  # noqa: E731  a string of one unit
    array = lambda unit: b"[" + fill(unit + b",") + unit + b"]"  # noqa: E731  an array of one element
    return {
        "unknown fields": b'{"type":"%b",' % event.encode() + numbered(b'"%x":1', separator=b",") + b"}",
        "unknown fields of a household": one(
            household, b"{" + numbered(b'"%x":1', separator=b",") + b"}", with_household
        ),
        "empty persons": of_household("personnes", array(b"{}")),
        "wrong persons": of_household("personnes", array(b'{"sexe":1}')),
        "codes of one field": one("compositions", array(b"1")),
        "codes in one text": one("compositions", text(b"1,")),
        "nulls": array(b"null"),
        "arrays in arrays": b"[" * (size // 2) + b"]" * (size // 2),
        "objects in objects": b'{"a":' * (size // 6) + b"1" + b"}" * (size // 6),
        "one whole number": one("version", fill(b"1")),
        "digits as text": one("version", text(b"1")),
        "thousands": one("version", text(b"1 111 ")),
        "an exponent": one("version", b'"1e999999999"'),
        "a small exponent": one("version", b'"1e-999999"'),
        "escapes": one("place", text(b"\\u0041")),
        "text read twice": one("adresse", text("Ã©".encode())),
        "strange spaces": one("adresse", text("\u202f".encode())),
        "digits that look like a NIR": one("adresse", text(b"1841276451089 ")),
        "spaced digits": one("adresse", text(b"1 84 12 76 451 089 ")),
        "almost ids": one("adresse", text(b"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaa ")),
        "one field twice": array(b'{"a":1,"a":2}'),
        "spaces": fill(b" ") + b"1",
        "UTF-32": ("[" + "null," * (size // 24) + "1]").encode("utf-32"),
        "rows with many faults": array(
            json.dumps({"type": with_household, household: dict.fromkeys(map(str, range(40)), 1)}).encode()
        ),
    }


def _csv(size: int) -> Mapping[str, bytes]:
    size -= 200
    fill, numbered = partial(_filled, size=size), partial(_numbered, size=size)
    columns = b"reference;finess;commune;type;etat;date\n"
    return {
        "columns": numbered(b"%x", separator=b";"),
        "columns without a name": fill(b";") + b"\n",
        "columns that lost their letters": columns[:-1] + fill(";\ufffd\ufffd\ufffd".encode()) + b"\n",
        "a cell that lost its letters": columns + b"a;b;c;d;" + fill("\ufffd".encode()) + b";e\n",
        "cells": columns + fill(b";") + b"\n",
        "quotes": columns + fill(b'"') + b"\n",
        "open quotes in one line": columns + fill(b'"a;') + b"\n",
        "a quote a line": columns + fill(b'"\n'),
        "separator hints": fill(b"sep=;\n"),
        "blank lines": fill(b";\n"),
        "old line ends": fill(b"\r"),
        "short rows": columns + fill(b"a\n"),
        "headers": fill(columns),
        "text read twice": columns + fill("Ã©;".encode()),
        "one long line": columns + fill("é".encode()),
    }
