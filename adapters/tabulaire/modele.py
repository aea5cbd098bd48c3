"""An empty workbook for a partner: each table of its profile with its columns, and the words that each column takes."""

from collections.abc import Iterator, Sequence
from enum import Enum

from adapters.tabulaire.champs import champ
from adapters.tabulaire.ecriture import Cellule, Marque, workbook
from adapters.tabulaire.membres import PREMIERE
from adapters.tabulaire.profil import ETAT, STRUCTURE, Profil, Tableau
from adapters.tabulaire.sortie import XLSX
from contracts.ports import Native

MOTS = "mots admis"
"""Sheet of the words. No profile reads it: its header has no column of a table."""
NEEDED = "colonne obligatoire"
SHEET_NAME = 31
"""Longest name of a sheet, in characters."""


OUI_NON = ("OUI", "NON")
MEMBERS = (2, 3)
"""Further members of a household for whom the workbook has columns. More are added under the same names."""


def model(page: Profil, structures: Sequence[str] = ()) -> Native:
    """Return an empty workbook to be filled in. Obligatory columns come first and are marked. A column of
    words offers their list, and one of structures offers `structures`, those of the sender. The last sheet
    lists all words. Pure."""
    sheets: dict[str, list[list[Cellule]]] = {}
    words: list[list[Cellule]] = []
    choices: dict[str, dict[int, str]] = {}
    for name, tableau in page.tables.items():
        sheet = (tableau.feuille or page.titre(name))[:SHEET_NAME]
        columns = list(_columns(tableau))
        sheets[sheet] = [[Marque(c, NEEDED) if c in tableau.obligatoires else c for c in columns]]
        choices[sheet] = {}
        for place, column in enumerate(columns):
            if said := _words(tableau, column, structures):
                first = len(words) + 2  # below the header
                words += [[f"{page.titre(name)} : colonne {column}", word] for word in said]
                choices[sheet][place] = f"'{MOTS}'!$B${first}:$B${len(words) + 1}"
    sheets[MOTS] = [["Où", "Mot"], *words]  # no cell is the name of a column: this sheet is no table
    return Native(workbook(sheets, page.date, choices), XLSX, f"modele_{page.dialecte}.xlsx")


def _columns(tableau: Tableau) -> Iterator[str]:
    """Yield the columns of a table, obligatory ones first. Those of further members of the household follow
    those of the first."""
    yield from tableau.obligatoires
    others = [name for name in tableau.colonnes if name not in tableau.obligatoires]
    persons = [name for name, cible in tableau.colonnes.items() if cible.startswith(PREMIERE)]
    for name in others:
        yield name
        if persons and name == persons[-1]:
            yield from (f"Personne {number} {of}" for number in MEMBERS for of in persons)


def _words(tableau: Tableau, column: str, structures: Sequence[str]) -> Sequence[str]:
    """Return the words that a column accepts; empty if they cannot be listed."""
    cible = tableau.colonnes.get(column, "")
    if cible == ETAT:
        return list(tableau.etats)
    if cible == STRUCTURE:
        return structures
    if words := tableau.valeurs.get(cible):
        return list(words)
    found = next(filter(None, (champ(contrat, cible) for contrat in tableau.contrats.values())), None)
    if found is None or not isinstance(found.type, type):
        return ()
    if found.type is bool:
        return OUI_NON
    return [str(each) for each in found.type] if issubclass(found.type, Enum) else ()
