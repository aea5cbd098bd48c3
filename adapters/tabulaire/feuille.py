"""Sheet of a file of any format, as rows of text cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.rejets import Illisible

MAX_CELLS = 1_000
"""Limit on the cells of a row."""

Cellules = list[str]
Rangees = Iterator[tuple[int, Cellules | Illisible]]
"""Rows that are not blank, by number: their cells, or why they cannot be split."""


@dataclass(frozen=True, slots=True)
class Feuille:
    """Sheet of a file. Each call of `lire` reads the sheet from its first row."""

    lire: Callable[[], Rangees]
    debordement: str
    """French advice about a filled cell beyond the header's last column."""
    nom: str | None = None
    lignes: int = 0
    """Number of the last row; 0 without rows. The next sheet's row numbers go on from it."""
