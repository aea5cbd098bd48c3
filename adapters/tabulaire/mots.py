"""Offer the words that the columns of a workbook allow. The words stand on a sheet of their own."""

from collections.abc import Sequence
from enum import Enum

from adapters.tabulaire.champs import champ
from adapters.tabulaire.ecriture import Cellule
from adapters.tabulaire.profil import ETAT, STRUCTURE, Tableau

FEUILLE = "mots admis"
"""Name of the sheet of allowed words, which the hub does not read."""
OUI_NON = ("OUI", "NON")


class Mots:
    """Words that the columns of a workbook offer in drop-down lists, and the sheet on which all these words are
    listed."""

    def __init__(self) -> None:
        self.rows: list[Sequence[Cellule]] = [
            ["Dans quelle colonne", "Mot à choisir (cette feuille n'est pas lue)"]
        ]  # no column's name: never read as a table
        self.listes: dict[str, dict[int, str]] = {}
        """Range of cells, on the sheet of words, that lists the words of a column. The keys are the column's
        sheet, then its position in that sheet."""

    def offer(self, sheet: str, place: int, where: str, words: Sequence[str]) -> None:
        """Give the cells of a column a drop-down list of `words`. `sheet`, `place`: the column's sheet, and
        its position there, from 0. The words are also listed on the sheet of words, each beside the text
        `where`, which names the column. Do nothing if `words` is empty."""
        if words:
            first = len(self.rows) + 1
            self.rows += [[where, word] for word in words]
            self.listes.setdefault(sheet, {})[place] = f"'{FEUILLE}'!$B${first}:$B${len(self.rows)}"

    def listed_in(self, sheets: dict[str, list[Sequence[Cellule]]]) -> None:
        """Add to `sheets` the sheet that lists the words of all columns. If no column offers words, add
        nothing."""
        if self.listes:
            sheets[FEUILLE] = self.rows


def words_of(tableau: Tableau, cible: str, structures: Sequence[str]) -> Sequence[str]:
    """Return the words that a column allows, given the field `cible` that it fills. For a column of
    structures, return `structures`. Return an empty sequence if the column allows any text."""
    if cible == ETAT:
        return list(tableau.etats)
    if cible == STRUCTURE:
        return structures
    if words := tableau.mots_valeurs.get(cible):
        return words.principaux
    found = next(filter(None, (champ(contrat, cible) for contrat in tableau.contrats.values())), None)
    if found is None or not isinstance(found.type, type):
        return ()
    if found.type is bool:
        return OUI_NON
    return [str(each) for each in found.type] if issubclass(found.type, Enum) else ()
