"""Find the header row of a sheet, and the table that its columns name."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from adapters.rejets import Illisible
from adapters.tabulaire.cellules import letters
from adapters.tabulaire.feuille import Cellules, Rangees
from adapters.tabulaire.membres import MENAGE, PREMIERE, Membre, Rows, member_column
from adapters.tabulaire.profil import Profil, Tableau
from adapters.vocabulaire import fold
from contracts.errors import InvalidNative
from contracts.ports import Rejet

MAX_HEADER_CELLS = 200
MAX_LISTED = 20
"""Limit on the unread columns that a warning lists."""
COLONNE = "a_corriger"
"""Name of the column of reasons in a file of rows to correct. It is never read as data."""
UNREAD = "colonne_non_lue"
ALIKE = 0.8
"""Similarity to a known column name, between 0 and 1, from which an unknown name counts as its
misspelling."""


class EnteteInconnu(InvalidNative):
    """Raised when no row at the top of a sheet looks like a header of the profile."""


class NumeroAbsent(InvalidNative):
    """Raised when a header lacks only the column for the number of each row's subject. The caller can still
    read the rows under the header, and reject each of them for its missing number. `entete`: the header;
    `ligne`: the header's row number."""

    def __init__(self, message: str, entete: "Entete", ligne: int) -> None:
        super().__init__(message)
        self.entete = entete
        self.ligne = ligne


Tableaux = Mapping[str, Tableau]
"""Tables of a column profile, by the names that messages to the sender give them."""


@dataclass(frozen=True)
class Entete:
    """Header row that was recognised in a sheet. `tableau`: the table of the column profile that it matches;
    `cellules`: its cells; `indices`: the position of each column that the table knows."""

    tableau: Tableau
    cellules: Cellules
    indices: Mapping[str, int]
    membres: tuple[Membre, ...] = ()
    """Columns about members of the household after the first."""

    @cached_property
    def rows(self) -> Rows | None:
        """Return the rule that joins the rows of one household; None if rows of this table are never joined.
        Rows are joined if they have the same household number or subject's number. A column of such numbers
        counts only under the profile's own name: a column with a synonym may contain something else."""
        cibles = {self.tableau.colonnes[nom]: (place, nom) for nom, place in self.indices.items()}
        own = set(map(fold, self.tableau.colonnes))
        persons = tuple(
            Membre(place, nom, cible) for cible, (place, nom) in cibles.items() if cible.startswith(PREMIERE)
        )
        if MENAGE not in {*cibles, *self.tableau.a_defaut} or not persons or self.membres:
            return None
        subjects = {contrat.SUJET for contrat in self.tableau.contrats.values()}
        numeros = tuple(
            place
            for cible, (place, _) in cibles.items()
            if cible in (MENAGE, *subjects) and fold(self.cellules[place]) in own
        )
        return Rows(len(self.cellules), numeros, persons)

    @cached_property
    def unread(self) -> Sequence[int]:
        """Return the positions of the columns that have a title but are not read."""
        read = {*self.indices.values(), *(membre.indice for membre in self.membres)}
        named = ((place, cell.strip()) for place, cell in enumerate(self.cellules))
        return [place for place, cell in named if cell not in ("", COLONNE) and place not in read]

    def passed_over(self) -> Iterator[Rejet]:
        """Yield a warning for each misspelt column name, and one warning for all other unread columns
        together. The text of this one warning gives only the columns' positions, because their titles may
        reveal something about a person. The titles stand in `Rejet.titres`, which is stored encrypted."""
        free = {fold(nom): nom for nom in self.tableau.colonnes if nom not in self.indices}
        others = list[int]()
        for place in self.unread:
            if near := get_close_matches(fold(self.cellules[place]), free, n=1, cutoff=ALIKE):
                message = (
                    f"colonne {_called(place)} non lue : si elle est « {free[near[0]]} », corrigez son nom"
                )
                yield Rejet(UNREAD, message, champ=free[near[0]])
            else:
                others.append(place)
        if others:
            titres = (f"«\u00a0{self.cellules[place].strip()}\u00a0»" for place in others[:MAX_LISTED])
            yield Rejet(UNREAD, _unread(others), titres=", ".join(titres))

    def repeated_by(self, cells: Cellules) -> bool:
        """Return whether a row repeats the header, as happens when several files were joined."""
        if cells[0].lstrip("\ufeff") != self.cellules[0]:
            return False
        return list(map(fold, cells[: len(self.cellules)])) == list(map(fold, self.cellules)) and not any(
            cells[len(self.cellules) :]
        )


def _unread(places: Sequence[int]) -> str:
    listed = ", ".join(map(_called, places[:MAX_LISTED])) + (" …" if len(places) > MAX_LISTED else "")
    said = f"colonne {listed} non lue" if len(places) == 1 else f"colonnes {listed} non lues"
    return f"{said} : rien n'en est gardé. Si cela manque, donnez à la colonne un nom que le hub connaît"


def _called(place: int) -> str:
    return f"{place + 1} ({letters(place)})"


def tables_of(page: Profil, feuille: str | None) -> Tableaux:
    """Return the tables of a profile that may stand in the sheet `feuille`; all the profile's tables if
    `feuille` is None (CSV). The keys are the names of the tables in rejections."""
    return {
        page.titre(name): tableau
        for name, tableau in page.tables.items()
        if None in (feuille, tableau.feuille) or fold(str(feuille)) == fold(str(tableau.feuille))
    }


def header(rangees: Rangees, tableaux: Tableaux, above: int, separator: str | None) -> Entete:
    """Return a sheet's header: the first row that names all obligatory columns of a table. At most `above`
    rows may stand above it. The rows are taken from `rangees`, so that the caller can read on below the
    header. `separator`: column separator of a CSV, for the text of an error; None for a workbook.

    If no row is a header, the row with most known columns decides the error:

    * EnteteInconnu if most of its columns are unknown, or if there is no row at all;
    * NumeroAbsent if the row lacks only the column of the subjects' numbers;
    * InvalidNative otherwise.
    """
    seen: list[tuple[int, Cellules, Fit]] = []
    for numero, cells in without_hint(rangees, above + 1):
        if isinstance(cells, Illisible):
            raise InvalidNative(f"en-tête illisible (ligne {numero}), corrigez-le : {cells}")
        found = _trimmed(cells)
        best = fit(found, tableaux)
        if not best.absent:
            return _entete(found, tableaux[best.titre])
        seen.append((numero, found, best))
    if not seen:
        raise EnteteInconnu("fichier vide : envoyez au moins la ligne d'en-tête")
    raise _unrecognised(*max(seen, key=lambda row: row[2].known), tableaux, separator)


def without_hint(rangees: Rangees, most: int) -> Rangees:
    """Return the first rows; their number is limited to `most`. A line that only announces the separator
    (`sep=;`) is left out, and does not count."""
    rows = (
        (numero, cells)
        for numero, cells in rangees
        if isinstance(cells, Illisible) or not cells[0].lower().startswith("sep=")
    )
    return islice(rows, most)


def _trimmed(cells: Cellules) -> Cellules:
    if len(cells) > MAX_HEADER_CELLS and not any(cells[MAX_HEADER_CELLS:]):
        cells = cells[:MAX_HEADER_CELLS]
    if len(cells) > MAX_HEADER_CELLS:
        raise InvalidNative(f"en-tête de plus de {MAX_HEADER_CELLS} colonnes : vérifiez le séparateur")
    return cells


class Fit(NamedTuple):
    """Result of comparing a row of a sheet with one table of the column profile: the table's name (`titre`),
    and how well the row fits as the table's header."""

    titre: str
    absent: Sequence[str]
    """Obligatory columns that the row lacks."""
    known: int
    """Number of cells that name columns of the table."""


def fit(cells: Cellules, tableaux: Tableaux) -> Fit:
    """Compare a row with the header of each table, and return the comparison with the table that fits best.
    Tables are ranked by these criteria, of which the first counts most:

    * the row names all obligatory columns of the table;
    * the row names these columns as the profile does, without synonyms;
    * how many columns of the table the row names;
    * how few obligatory columns the row lacks.
    """
    written = set(map(fold, cells))

    def ranked(titre: str) -> tuple[tuple[bool, bool, int, int], Fit]:
        tableau = tableaux[titre]
        named = Counter(map(tableau.noms.meaning, cells))
        absent = [nom for nom in tableau.obligatoires if nom not in named]
        own = written.issuperset(map(fold, tableau.obligatoires))
        known = len(cells) - named[None]
        return (bool(absent), not own, -known, len(absent)), Fit(titre, absent, known)

    return min(map(ranked, tableaux), key=itemgetter(0))[1]


def _unrecognised(
    ligne: int, cells: Cellules, best: Fit, tableaux: Tableaux, separator: str | None
) -> InvalidNative:
    if 2 * best.known < sum(map(bool, map(str.strip, cells))):
        expected = " ; ".join(f"{name} : {', '.join(t.obligatoires)}" for name, t in tableaux.items())
        alone = separator is not None and len(cells) == 1
        between = "la tabulation" if separator == "\t" else f"« {separator} »"
        hint = f" ; une seule colonne trouvée : séparez-les par {between}" if alone else ""
        return EnteteInconnu(
            f"en-tête non reconnu{hint}. Nommez ainsi les colonnes obligatoires — {expected}"
        )
    absent, tableau = ", ".join(f"« {nom} »" for nom in best.absent), tableaux[best.titre]
    message = (
        f"colonne absente de l'en-tête d'un fichier de {best.titre} : ajoutez-la, sous ce nom : {absent}"
    )
    if best.absent == [tableau.numero]:
        return NumeroAbsent(message, _entete(cells, tableau), ligne)
    return InvalidNative(message)


def places_of(cells: Cellules, tableau: Tableau) -> Mapping[str, Sequence[int]]:
    """Return, for each column of the table, its positions in a header. A cell with a synonym counts only if
    no cell has the column's own name."""
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        if (nom := tableau.noms.meaning(cell)) is not None:
            found.setdefault(nom, []).append(place)
    return {
        nom: [each for each in places if fold(cells[each]) == fold(nom)] or places
        for nom, places in found.items()
    }


def _entete(cells: Cellules, tableau: Tableau) -> Entete:
    indices: dict[str, int] = {}
    folded = list(map(fold, cells))
    for nom, places in places_of(cells, tableau).items():
        if len({folded[place] for place in places}) > 1:
            listed = " et ".join(f"« {cells[place].strip()} »" for place in places)
            raise InvalidNative(
                f"colonnes {listed} : chacune peut être « {nom} ». Donnez ce nom à celle qui l'est"
            )
        if len(places) > 1:
            raise InvalidNative(f"colonne « {nom} » présente deux fois dans l'en-tête : n'en gardez qu'une")
        (indices[nom],) = places
    return Entete(tableau, cells, indices, tuple(_members(cells, folded, tableau, indices)))


def _members(
    cells: Cellules, folded: Sequence[str], tableau: Tableau, indices: Mapping[str, int]
) -> Iterator[Membre]:
    seen = {tableau.colonnes[nom] for nom in indices}
    for indice, cell in enumerate(cells):
        cible = None if tableau.noms.meaning(cell) else member_column(folded[indice], tableau)
        if cible in seen:
            raise InvalidNative("une colonne d'une personne est présente deux fois : n'en gardez qu'une")
        if cible is not None:
            seen.add(cible)
            yield Membre(indice, cell.strip(), cible)
