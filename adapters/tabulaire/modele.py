"""Make an empty workbook for a partner, from its column profile."""

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
"""Limit on the characters of a sheet's name."""

MEMBERS = (2, 3)
"""Numbers of the household's members, after the first, for whom the workbook has columns."""


def model(page: Profil, partner: Partner) -> Native:
    """Return an empty workbook for a partner to fill in. It has notes on obligatory columns, and drop-down
    lists of the words that columns allow. Equal arguments give equal bytes."""
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
    usual, *_ = needs(tableau, partner).values()
    persons = [name for name, cible in tableau.colonnes.items() if cible.startswith(PREMIERE)]
    asked = {name for besoin in usual for name in besoin.colonnes if name not in persons}
    for name in sorted(tableau.colonnes, key=lambda name: name not in asked):
        yield name
        if persons and name == persons[-1]:
            yield from (f"Personne {number} {of}" for number in MEMBERS for of in persons)
