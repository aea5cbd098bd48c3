"""Sheet of rows of text cells, from a file of any format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.rejets import Illisible

MAX_CELLS = 1_000
"""Largest number of cells of a row. A longer row is refused without being split."""

Cellules = list[str]
Rangees = Iterator[tuple[int, Cellules | Illisible]]
"""Number and cells of each row that is not blank, or the reason why the row cannot be split into cells."""


@dataclass(frozen=True, slots=True)
class Feuille:
    """One sheet. Each call of `lire` reads it from its first row."""

    lire: Callable[[], Rangees]
    debordement: str
    """Advice to the sender about a filled cell beyond the header's last column."""
    nom: str | None = None
    lignes: int = 0
    """Number of the sheet's last row, from which the rows of the next sheet are numbered; 0 if there is no
    next sheet."""
