"""Make an empty workbook for a partner, from its column profile: the columns, and the words allowed in each."""

from collections.abc import Iterator, Sequence
from textwrap import shorten

from adapters.tabulaire.besoins import marks, needs
from adapters.tabulaire.ecriture import Cellule, Marque, workbook
from adapters.tabulaire.membres import PREMIERE
from adapters.tabulaire.mots import Mots, words_of
from adapters.tabulaire.profil import Profil, Tableau
from adapters.tabulaire.sortie import XLSX
from contracts.partner import Partner, may_offer
from contracts.ports import Native

SHEET_NAME = 31
"""Largest number of characters in a sheet's name."""

MEMBERS = (2, 3)
"""Numbers of the further household members for whom the workbook has columns; the first member is number 1."""


def model(page: Profil, partner: Partner) -> Native:
    """Return an empty workbook for a partner to fill in. Pure.

    Columns that a row must fill in are marked, with a note that says in which case. Columns of codes offer
    their words, and columns of structures offer the partner's own structures. The last sheet lists all words.
    Columns that the most usual rows must fill in come first. The most usual rows have the profile's first word
    in the state column.
    """
    sheets: dict[str, list[Sequence[Cellule]]] = {}
    mots = Mots()
    for name, tableau in page.tables.items():
        if not any(may_offer(contrat.NATURE, partner.famille) for contrat in tableau.contrats.values()):
            continue  # every row of such a table is refused
        sheet = tableau.feuille or shorten(page.titre(name), SHEET_NAME, placeholder="…")
        marked = marks(tableau, partner)
        columns = list(_columns(tableau, partner))
        sheets[sheet] = [[Marque(c, marked[c]) if c in marked else c for c in columns]]
        mots.listes[sheet] = {}
        for place, column in enumerate(columns):
            words = words_of(tableau, tableau.colonnes.get(column, ""), partner.structures)
            mots.offer(sheet, place, f"{page.titre(name)} : colonne {column}", words)
    mots.listed_in(sheets)
    return Native(workbook(sheets, page.date, mots.listes), XLSX, f"modele_{page.dialecte}.xlsx")


def _columns(tableau: Tableau, partner: Partner) -> Iterator[str]:
    """Yield the names of the columns for one table of the workbook. The columns of further members of the
    household follow the columns of the first member."""
    usual, *_ = needs(tableau, partner).values()
    persons = [name for name, cible in tableau.colonnes.items() if cible.startswith(PREMIERE)]
    asked = {name for besoin in usual for name in besoin.colonnes if name not in persons}
    for name in sorted(tableau.colonnes, key=lambda name: name not in asked):
        yield name
        if persons and name == persons[-1]:
            yield from (f"Personne {number} {of}" for number in MEMBERS for of in persons)
