"""Try a column profile on a file: tell which columns the profile knows, and what the other columns probably
mean."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice

from adapters.rejets import Illisible
from adapters.tabulaire.dialecte import opened, readings
from adapters.tabulaire.doutes import TOWN, doubts
from adapters.tabulaire.entete import COLONNE, fit, places_of, tables_of, without_hint
from adapters.tabulaire.feuille import Cellules, Feuille
from adapters.tabulaire.membres import member_column
from adapters.tabulaire.mots import FEUILLE
from adapters.tabulaire.profil import Profil, Tableau
from adapters.vocabulaire import fold
from contracts.partner import Partner
from contracts.ports import Rejet

LOOKED_AT_ROWS = 50
"""Number of rows at the top of a sheet in which a header is searched."""
LOOKED_AT_FOR_DOUBTS = 1000
"""Number of rows at the top of a sheet that are searched for cells that were perhaps meant otherwise."""
ALIKE = 0.8
"""Similarity to a known word, between 0 and 1, from which a word of a title counts as its misspelling."""
SHORTEST_ABBREVIATION = 3
"""Number of letters from which the beginning of a word counts as its abbreviation."""
NUMBER = "n"
NUMBERS = ("n", "no", "num", "numero")
"""Spellings of « numéro » in titles, which count as `NUMBER`."""
ARTICLES = ("a", "d", "de", "des", "du", "l", "la", "le", "les")
"""Words that are ignored when titles are compared."""


@dataclass(frozen=True, slots=True)
class Colonne:
    """Column of a file as the hub understands it. `champ`: the contract's field that the column fills, if
    any; `devinee`: the profile's column that is probably meant, if any."""

    nom: str
    champ: str | None
    devinee: str | None = None


@dataclass(frozen=True, slots=True)
class Constat:
    """Sheet as the hub understands it: which table of the profile it holds, in which row its header stands, and
    what its columns are."""

    feuille: str | None
    table: str
    ligne_entete: int
    colonnes: Sequence[Colonne]
    absentes: Sequence[str]
    """Obligatory columns that the header does not name."""
    avant: int
    """Number of rows above the header, as `lignes_avant_entete` of the profile counts them: neither blank rows
    nor the line that announces the separator (`sep=;`) count."""
    trop_bas: bool
    """Whether the header stands below the rows in which the profile looks for it."""


def examine(body: bytes, page: Profil) -> Iterator[Constat]:
    """Yield, for each sheet with a table, what the hub recognises there with the column profile `page`: which
    table it is, in which row the header stands, and what the columns are. A sheet is left out if no cell at
    its top names a known column. Raises InvalidNative if the file cannot be opened."""
    feuilles, _ = opened(body, page)
    for feuille in feuilles:
        tableaux, rows = tables_of(page, feuille.nom), _readable(feuille)
        if not tableaux or not rows or feuille.nom == FEUILLE:
            continue
        fits = [fit(cells, tableaux) for _, cells in rows]
        avant, best = max(enumerate(fits), key=lambda row: row[1].known)
        numero, cells = rows[avant]
        if best.known:
            below = [others for _, others in rows[avant + 1 :]]
            yield Constat(
                feuille=feuille.nom,
                table=best.titre,
                ligne_entete=numero,
                colonnes=tuple(_columns(cells, below, tableaux[best.titre])),
                absentes=best.absent,
                avant=avant,
                trop_bas=avant > page.lignes_avant_entete,
            )


def doubtful(body: bytes, page: Profil, partner: Partner) -> Iterator[Rejet]:
    """Yield warnings about cells that were perhaps meant otherwise, in the first rows of each table of a
    file: towns written as numbers, and first names that may name several people. A number gets a warning only
    once. Raises InvalidNative if the file holds no table."""
    feuilles, _ = opened(body, page)
    seen = set[str]()
    for lecture in readings(feuilles, page, partner):
        for numero, (cells, *_) in islice(lecture.rows(), LOOKED_AT_FOR_DOUBTS):
            for doubt in doubts(lecture.entete, numero, cells):
                if doubt.code != TOWN or doubt.message not in seen:
                    seen.add(doubt.message)
                    yield doubt


def _readable(feuille: Feuille) -> list[tuple[int, Cellules]]:
    return [
        (numero, cells)
        for numero, cells in without_hint(feuille.lire(), LOOKED_AT_ROWS)
        if not isinstance(cells, Illisible)
    ]


def _columns(cells: Cellules, below: Sequence[Cellules], tableau: Tableau) -> Iterator[Colonne]:
    named = places_of(cells, tableau)
    free = [nom for nom in tableau.colonnes if nom not in named]
    for place, cell in enumerate(cells):
        if cell.strip() in ("", COLONNE):
            continue
        nom = tableau.noms.meaning(cell)
        champ = None if nom else member_column(fold(cell), tableau)
        if nom and named[nom] == [place]:
            champ = tableau.colonnes[nom]
        values = {row[place] for row in below if place < len(row) and row[place].strip()}
        doubled = nom if nom and place in named[nom] else None
        guess = None if champ else doubled or _titled(cell, tableau, free) or _worded(values, tableau, free)
        yield Colonne(cell, champ, guess)


def _titled(cell: str, tableau: Tableau, free: Collection[str]) -> str | None:
    written = _words(cell)
    for name in tableau.noms.mots:
        known = _words(name)
        same = len(written) == len(known) and all(map(_same, written, known))
        if written and same and tableau.noms.meaning(name) in free:
            return name
    return None


def _words(title: str) -> list[str]:
    return [NUMBER if each in NUMBERS else each for each in fold(title).split() if each not in ARTICLES]


def _same(written: str, known: str) -> bool:
    shorter, longer = sorted((written, known), key=len)
    abbreviated = len(shorter) >= SHORTEST_ABBREVIATION and longer.startswith(shorter)
    return abbreviated or SequenceMatcher(None, written, known).ratio() >= ALIKE


def _worded(values: Collection[str], tableau: Tableau, free: Sequence[str]) -> str | None:
    for nom in free if values else ():
        words = tableau.mots_valeurs.get(tableau.colonnes[nom])
        if words is not None and all(map(words.meaning, values)):
            return nom
    return None
