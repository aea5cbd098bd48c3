"""A sheet of rows of text cells, whatever file it came in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.rejets import Illisible

MAX_CELLS = 1_000
"""Cells of a row; beyond them a row is refused without being split."""

Cellules = list[str]
Rangees = Iterator[tuple[int, Cellules | Illisible]]
"""Number and cells of every row that is not blank, or why the row cannot be split into cells."""


@dataclass(frozen=True, slots=True)
class Feuille:
    """One sheet. `lire` reads it from its first row, as often as it is asked to."""

    lire: Callable[[], Rangees]
    debordement: str
    """What to do about a cell beyond the header's last one."""
    nom: str | None = None
    lignes: int = 0
    """Number of its last row; 0 where nothing follows this sheet."""
