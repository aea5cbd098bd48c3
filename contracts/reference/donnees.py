"""Access to the data files inside the package. Nothing else is ever read."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def texte(nom: str) -> str:
    """Return the content of a packaged file of `data/`, UTF-8."""
    return (files("contracts.reference") / "data" / nom).read_text("utf-8")


def lignes(nom: str, separateur: str = ";") -> Iterator[list[str]]:
    """Return the rows of a packaged CSV file, without its header."""
    rows = csv.reader(texte(nom).splitlines(), delimiter=separateur)
    next(rows)
    return rows
