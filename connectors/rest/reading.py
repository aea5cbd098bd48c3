"""Read a partner's JSON within a limit on its number of values. Pure."""

from typing import Any

from pydantic_core import from_json

from connectors.rest.fiches import Fiche, read_line

VALUES = 200_000
"""Largest number of values in one JSON answer. Without this limit, 89 KiB of gzip could become seven million
empty lists."""


class TooMuch(ValueError):
    """Raised for a JSON text with more than `VALUES` values."""


def tree_of(body: bytes) -> Any:
    """Parse a JSON text, and return its value. Raises TooMuch, before parsing, if the text may have more than
    `VALUES` values. Raises ValueError if the text is no JSON."""
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > VALUES:
        raise TooMuch
    return from_json(body)


def check(body: bytes) -> None:
    """Check that `tree_of` can read a JSON text. Raises TooMuch if the text may have more than `VALUES` values.
    Raises another ValueError if the text is no JSON."""
    tree_of(body)


def lines_of(body: bytes) -> list[Fiche]:
    """Read the service's list of records (« fiches »). Return its lines: each line is about one record. Raises
    TooMuch for more than `VALUES` values. Raises ValueError, KeyError or TypeError if the answer is no such
    list."""
    tree = tree_of(body)
    return [read_line(line) for line in (tree["result"] if isinstance(tree, dict) else tree)]
