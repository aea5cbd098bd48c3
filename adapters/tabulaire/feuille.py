"""Sheet of a file of any format, as rows of text cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.rejets import Illisible

MAX_CELLS = 1_000
"""Largest number of cells of a row. A longer row is refused."""

Cellules = list[str]
Rangees = Iterator[tuple[int, Cellules | Illisible]]
"""Rows of a sheet that are not blank. Each has its number, and its cells or the reason why they cannot be
split."""


@dataclass(frozen=True, slots=True)
class Feuille:
    """Sheet of a file. Each call of `lire` reads it from the first row."""

    lire: Callable[[], Rangees]
    debordement: str
    """French advice about a filled cell beyond the header's last column."""
    nom: str | None = None
    lignes: int = 0
    """Number of the sheet's last row; 0 for a sheet without rows. Row numbers continue across sheets: the first
    row of the next sheet has the next number."""
