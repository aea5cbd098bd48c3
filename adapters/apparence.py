"""Guess the format of a body that the hub cannot read, so that the hub can advise its sender."""

import codecs
from typing import NamedTuple

from adapters.tabulaire.archive import MAGIC

_LOOKED_AT_BYTES = 2048
_SEPARATORS = b";,\t"


class Apparence(NamedTuple):
    """Guessed format of a body: its name in French, and the file endings of this format."""

    nom: str
    formats: frozenset[str]


CLASSEUR = Apparence("un classeur de tableur", frozenset({"xlsx", "ods"}))
XML = Apparence("du XML", frozenset({"xml"}))
JSON = Apparence("du JSON", frozenset({"json"}))
CSV = Apparence("du CSV", frozenset({"csv"}))


def looks_like(body: bytes) -> Apparence | None:
    """Return the format of a body, guessed from its first 2 KiB. Return None if the body is like none of the
    known formats."""
    if body.startswith(MAGIC):
        return CLASSEUR
    start = body[:_LOOKED_AT_BYTES].removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(b"<"):
        return XML
    if start.startswith((b"{", b"[")):
        return JSON
    first = start.splitlines()[0] if start else b""
    if b"\0" not in start and any(separator in first for separator in _SEPARATORS):
        return CSV
    return None
