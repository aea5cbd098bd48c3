"""Read the files of reference data in the folder `data/`."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def texte(nom: str) -> str:
    """Return the text of a file of reference data, in the folder `data/`."""
    return (files("contracts.reference") / "data" / nom).read_text("utf-8")


def lignes(nom: str, separateur: str = ";") -> Iterator[list[str]]:
    """Yield the rows of a CSV file in the folder `data/`, without its header."""
    rows = csv.reader(texte(nom).splitlines(), delimiter=separateur)
    next(rows)
    return rows
