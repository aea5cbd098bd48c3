"""Sheet of rows of text cells, read from a file of any format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.rejets import Illisible

MAX_CELLS = 1_000
"""Largest number of cells of a row. A longer row is refused without being split."""

Cellules = list[str]
Rangees = Iterator[tuple[int, Cellules | Illisible]]
"""Rows of a sheet that are not blank: for each, its number, and its cells or the reason why it cannot be
split into cells."""


@dataclass(frozen=True, slots=True)
class Feuille:
    """One sheet of a file. Each call of `lire` reads the sheet from its first row."""

    lire: Callable[[], Rangees]
    debordement: str
    """French advice to the sender about a filled cell beyond the header's last column."""
    nom: str | None = None
    lignes: int = 0
    """Number of the sheet's last row, from which the rows of the next sheet are numbered; 0 if the file has
    no next sheet."""
