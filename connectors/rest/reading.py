"""Parse the JSON of a partner, with a limit on its number of values."""

from typing import Any

from pydantic_core import from_json

from connectors.rest.fiches import Fiche, read_line

VALUES = 200_000
"""Limit on the values in one JSON response. Without this limit, 89 KiB of gzip could become seven million
empty lists."""


class TooMuch(ValueError):
    """Raised for a JSON text that may have more than `VALUES` values."""


def tree_of(body: bytes) -> Any:
    """Parse a JSON text. Raises ValueError if the text is no JSON. Raises TooMuch, before the text is parsed,
    if it may have more than `VALUES` values."""
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > VALUES:
        raise TooMuch
    return from_json(body)


def check(body: bytes) -> None:
    """Check that `tree_of` can read a JSON text. Raises ValueError if the text is no JSON; TooMuch if it may
    have more than `VALUES` values."""
    tree_of(body)


def lines_of(body: bytes) -> list[Fiche]:
    """Parse the JSON list in which a partner's REST service names its records. Return one Fiche for each
    record: the record's number and the date of its last change. Raises TooMuch for too many values; ValueError,
    KeyError or TypeError for anything else than a list of records."""
    tree = tree_of(body)
    return [read_line(line) for line in (tree["result"] if isinstance(tree, dict) else tree)]
