"""Sheet of a file of any format, as rows of text cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.rejets import Illisible

MAX_CELLS = 1_000
"""Limit on the cells of a row."""

Cellules = list[str]
Rangees = Iterator[tuple[int, Cellules | Illisible]]
"""Rows that are not blank. Each is given as its number, then its cells, or why it cannot be split into
cells."""


@dataclass(frozen=True, slots=True)
class Feuille:
    """Sheet of a file. Each call of `lire` reads the sheet from its first row."""

    lire: Callable[[], Rangees]
    debordement: str
    """French advice about a filled cell beyond the header's last column."""
    nom: str | None = None
    lignes: int = 0
    """Number of the last row, from which the row numbers of the next sheet go on; 0 for a sheet without rows,
    and for a CSV."""
