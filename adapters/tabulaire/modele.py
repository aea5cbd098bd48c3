"""Make an empty workbook for a partner, from its column profile: columns, and the words that each accepts."""

from collections.abc import Iterator, Sequence

from adapters.tabulaire.ecriture import Cellule, Marque, workbook
from adapters.tabulaire.membres import PREMIERE
from adapters.tabulaire.mots import Mots, words_of
from adapters.tabulaire.profil import Profil, Tableau
from adapters.tabulaire.sortie import XLSX
from contracts.ports import Native

NEEDED = "colonne obligatoire"
SHEET_NAME = 31
"""Largest number of characters in a sheet's name."""

MEMBERS = (2, 3)
"""Numbers of the further members for whom the workbook has columns."""


def model(page: Profil, structures: Sequence[str] = ()) -> Native:
    """Return an empty workbook to fill in. Obligatory columns come first and are marked. Columns of codes and
    structures offer their words (`structures`), which the last sheet repeats. Pure."""
    sheets: dict[str, list[Sequence[Cellule]]] = {}
    mots = Mots()
    for name, tableau in page.tables.items():
        sheet = (tableau.feuille or page.titre(name))[:SHEET_NAME]
        columns = list(_columns(tableau))
        sheets[sheet] = [[Marque(c, NEEDED) if c in tableau.obligatoires else c for c in columns]]
        mots.listes[sheet] = {}
        for place, column in enumerate(columns):
            words = words_of(tableau, tableau.colonnes.get(column, ""), structures)
            mots.offer(sheet, place, f"{page.titre(name)} : colonne {column}", words)
    mots.listed_in(sheets)
    return Native(workbook(sheets, page.date, mots.listes), XLSX, f"modele_{page.dialecte}.xlsx")


def _columns(tableau: Tableau) -> Iterator[str]:
    """Yield the columns of a table of the workbook, obligatory ones first, those of further members after the
    first member's."""
    yield from tableau.obligatoires
    others = [name for name in tableau.colonnes if name not in tableau.obligatoires]
    persons = [name for name, cible in tableau.colonnes.items() if cible.startswith(PREMIERE)]
    for name in others:
        yield name
        if persons and name == persons[-1]:
            yield from (f"Personne {number} {of}" for number in MEMBERS for of in persons)
