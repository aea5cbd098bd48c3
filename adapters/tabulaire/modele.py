"""An empty workbook for a partner: each table of its profile with its columns, and the words that each column takes."""

from collections.abc import Iterator

from adapters.tabulaire.ecriture import Cellule, Marque, workbook
from adapters.tabulaire.profil import ETAT, Profil, Tableau
from adapters.tabulaire.sortie import XLSX
from contracts.ports import Native

MOTS = "mots admis"
"""Sheet of the words. No profile reads it: its header has no column of a table."""
SHEET_NAME = 31
"""Longest name of a sheet, in characters."""


def model(page: Profil) -> Native:
    """Return a workbook to be filled in: obligatory columns come first and are marked; the last sheet lists the words.
    Pure."""
    sheets: dict[str, list[list[Cellule]]] = {}
    for name, tableau in page.tables.items():
        sheets[(tableau.feuille or page.titre(name))[:SHEET_NAME]] = [list(_header(tableau))]
    words = [row for name, tableau in page.tables.items() for row in _words(page.titre(name), tableau)]
    sheets[MOTS] = [["Où", "Mot"], *words]
    return Native(workbook(sheets, page.date), XLSX, f"modele_{page.dialecte}.xlsx")


def _header(tableau: Tableau) -> Iterator[Cellule]:
    yield from (Marque(name) for name in tableau.obligatoires)
    yield from (name for name in tableau.colonnes if name not in tableau.obligatoires)


def _words(titre: str, tableau: Tableau) -> Iterator[list[Cellule]]:
    for name, cible in tableau.colonnes.items():
        words = tableau.etats if cible == ETAT else tableau.valeurs.get(cible, {})
        for word in words:
            yield [
                f"{titre} : colonne {name}",
                word,
            ]  # no cell is the name of a column: this sheet is no table
