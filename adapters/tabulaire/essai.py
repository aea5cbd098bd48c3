"""Try a column profile on a file, to see which columns the profile knows and what the others probably mean.
Pure; nothing is stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from adapters.rejets import Illisible
from adapters.tabulaire.dialecte import opened, readings
from adapters.tabulaire.entete import COLONNE, Tableaux, fitting, lacking, nearest, tables_of
from adapters.tabulaire.feuille import Cellules, Feuille
from adapters.tabulaire.membres import member_column
from adapters.tabulaire.profil import STRUCTURE, Profil, Tableau
from adapters.valeurs import commune
from adapters.vocabulaire import fold
from contracts.partner import Partner
from contracts.ports import Rejet
from contracts.reference.communes import town

LOOKED_AT_ROWS = 50
"""Number of rows, from the top of a sheet, in which to search a header."""
LOOKED_AT_FOR_CODES = 1000
"""Number of rows, from the top of a sheet, in which towns given as digits are told."""
ALIKE = 0.6
"""Similarity (0 to 1) above which a known column is proposed for an unknown one."""

AS_CODE = "est lu comme code INSEE"
IF_POSTCODE = "Si c'est un code postal, écrivez le nom de la commune"


@dataclass(frozen=True, slots=True)
class Colonne:
    """Column of the tried file, with the contract's field that it fills, or the column that is probably
    meant."""

    nom: str
    champ: str | None
    devinee: str | None = None


@dataclass(frozen=True, slots=True)
class Constat:
    """Findings about one sheet of a file."""

    feuille: str | None
    table: str
    ligne_entete: int
    colonnes: Sequence[Colonne]
    absentes: Sequence[str]
    """Obligatory columns that the header does not name."""
    trop_bas: bool
    """Whether the header is below the rows in which the profile searches for it."""


def examine(body: bytes, page: Profil) -> Iterator[Constat]:
    """Yield one finding for each sheet that may hold a table. Raises InvalidNative if the file is no table."""
    feuilles, _ = opened(body, page)
    for feuille in feuilles:
        tableaux = tables_of(page, feuille.nom)
        if (
            tableaux
            and (found := _best_header(feuille, tableaux)) is not None
            and fitting(found[1], tableaux)
        ):
            numero, cells = found
            titre = nearest(cells, tableaux)
            yield Constat(
                feuille=feuille.nom,
                table=titre,
                ligne_entete=numero,
                colonnes=tuple(
                    _column(cell, tableaux[titre]) for cell in cells if cell.strip() not in ("", COLONNE)
                ),
                absentes=lacking(cells, tableaux[titre]),
                trop_bas=numero > page.lignes_avant_entete + 1,
            )


def bare_codes(body: bytes, page: Profil, partner: Partner) -> Iterator[Rejet]:
    """Yield a warning for each town that a table of people gives as digits alone: a postcode may be the code of
    another town. Each value is told once. Raises InvalidNative if the file is no table."""
    feuilles, _ = opened(body, page)
    seen = set[str]()
    for lecture in readings(feuilles, page, partner):
        colonnes, indices = lecture.entete.tableau.colonnes, lecture.entete.indices
        nom = next((nom for nom in indices if colonnes[nom] == "commune"), None)
        if nom is None or STRUCTURE in colonnes.values():
            continue  # places of software, which knows the codes
        for numero, (cells, *_) in islice(lecture.rows(), LOOKED_AT_FOR_CODES):
            cell = "".join(cells[indices[nom] : indices[nom] + 1]).strip()
            if cell.isdigit() and cell not in seen:
                seen.add(cell)
                code = str(commune(cell))
                if (name := town(code)) != code:
                    yield Rejet(
                        "commune_en_chiffres", f"{cell} {AS_CODE} : {name}. {IF_POSTCODE}", numero, nom
                    )


def _best_header(feuille: Feuille, tableaux: Tableaux) -> tuple[int, Cellules] | None:
    """Return the row with the most known columns, with its number; None if no row is readable."""
    rows = [
        (numero, cells)
        for numero, cells in islice(feuille.lire(), LOOKED_AT_ROWS)
        if not isinstance(cells, Illisible)
    ]
    return max(rows, key=lambda row: fitting(row[1], tableaux), default=None)


def _column(cell: str, tableau: Tableau) -> Colonne:
    nom = tableau.noms.meaning(cell)
    if nom is not None:
        return Colonne(cell, tableau.colonnes[nom])
    if (member := member_column(fold(cell), tableau)) is not None:
        return Colonne(cell, member)
    return Colonne(cell, None, _guess(cell, tableau))


def _guess(cell: str, tableau: Tableau) -> str | None:
    names = {fold(name): name for name in tableau.noms.mots}
    alike = get_close_matches(fold(cell), names, n=1, cutoff=ALIKE)
    return names[alike[0]] if alike else None
