"""JSON of a partner's service, read under a bound. Pure; what is long is read in a process that can be killed."""

from typing import Any

from pydantic_core import from_json

from connectors.rest.fiches import Fiche, read_line

VALUES = 200_000
"""What one answer holds at most: a tenth of a second, and some tens of MiB, whatever they are. Twenty MiB of empty
lists, which come as 89 KiB of gzip, would be seven million."""


class TooMuch(ValueError):
    """More values than that."""


def tree_of(body: bytes) -> Any:
    """What a JSON text holds. Raises TooMuch before anything is put together, ValueError for what is no JSON."""
    if sum(body.count(sign) for sign in (b",", b"[", b"{")) > VALUES:
        raise TooMuch
    return from_json(body)


def check(body: bytes) -> None:
    """Raises TooMuch, or ValueError, for what `tree_of` would not read."""
    tree_of(body)


def lines_of(body: bytes) -> list[Fiche]:
    """The lines of a list of fiches. Raises TooMuch; ValueError, KeyError or TypeError for what is no list."""
    tree = tree_of(body)
    return [read_line(line) for line in (tree["result"] if isinstance(tree, dict) else tree)]
