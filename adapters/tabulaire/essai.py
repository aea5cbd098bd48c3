"""What a profile makes of a file: which columns it knows, which it does not, and what they may be. Pure.

Nothing of a file is kept; a profile that does not fit is told, never refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from adapters.rejets import Illisible
from adapters.tabulaire.dialecte import opened
from adapters.tabulaire.entete import Tableaux, lacking, nearest, share, tables_of
from adapters.tabulaire.feuille import Cellules, Feuille
from adapters.tabulaire.profil import Profil, Tableau
from adapters.vocabulaire import fold

LOOKED_AT_ROWS = 50
"""Rows from the top in which a header is looked for, whatever the profile says."""
ALIKE = 0.6
"""How much two names must have in common to be a guess: half of it would be noise."""


@dataclass(frozen=True, slots=True)
class Colonne:
    """A column of the file: the field it feeds, else the column of the profile that it may be meant for."""

    nom: str
    champ: str | None
    devinee: str | None = None


@dataclass(frozen=True, slots=True)
class Constat:
    """What is recognised of one sheet."""

    feuille: str | None
    table: str
    ligne_entete: int
    colonnes: Sequence[Colonne]
    absentes: Sequence[str]
    """Obligatory columns that the header does not name."""
    trop_bas: bool
    """Whether the header stands below where the profile looks for it."""


def examine(body: bytes, page: Profil) -> Iterator[Constat]:
    """One finding a sheet that may hold a table. Raises InvalidNative for what is no table at all."""
    feuilles, _ = opened(body, page)
    for feuille in feuilles:
        tableaux = tables_of(page, feuille.nom)
        if tableaux and (found := _best_header(feuille, tableaux)) is not None:
            numero, cells = found
            titre = nearest(cells, tableaux)
            yield Constat(
                feuille=feuille.nom,
                table=titre,
                ligne_entete=numero,
                colonnes=tuple(_column(cell, tableaux[titre]) for cell in cells if cell.strip()),
                absentes=lacking(cells, tableaux[titre]),
                trop_bas=numero > page.lignes_avant_entete + 1,
            )


def _best_header(feuille: Feuille, tableaux: Tableaux) -> tuple[int, Cellules] | None:
    """The row that names most of a table's obligatory columns; of equals the one with most columns, then the first."""
    rows = [
        (numero, cells)
        for numero, cells in islice(feuille.lire(), LOOKED_AT_ROWS)
        if not isinstance(cells, Illisible)
    ]
    return max(rows, key=lambda row: (share(row[1], tableaux), _known(row[1], tableaux)), default=None)


def _known(cells: Cellules, tableaux: Tableaux) -> int:
    tableau = tableaux[nearest(cells, tableaux)]
    return sum(tableau.noms.meaning(cell) is not None for cell in cells)


def _column(cell: str, tableau: Tableau) -> Colonne:
    nom = tableau.noms.meaning(cell)
    if nom is not None:
        return Colonne(cell, tableau.colonnes[nom])
    return Colonne(cell, None, _guess(cell, tableau))


def _guess(cell: str, tableau: Tableau) -> str | None:
    names = {fold(name): name for name in tableau.noms.mots}
    alike = get_close_matches(fold(cell), names, n=1, cutoff=ALIKE)
    return names[alike[0]] if alike else None
