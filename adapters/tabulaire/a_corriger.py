"""Make a file of the refused rows of a partner's file, which the partner corrects and sends again. It has the
partner's own header, and a column of reasons."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from adapters.tabulaire.archive import MAGIC
from adapters.tabulaire.besoins import needed_if
from adapters.tabulaire.cellules import CelluleTypee
from adapters.tabulaire.designees import designated
from adapters.tabulaire.dialecte import Lecture, Tabulaire, opened, readings
from adapters.tabulaire.doutes import doubts
from adapters.tabulaire.ecriture import Cellule, Marque, Raison, csv_file, workbook
from adapters.tabulaire.entete import COLONNE, Entete
from adapters.tabulaire.mots import Mots, words_of
from adapters.tabulaire.profil import ETAT, Profil, Tableau
from adapters.tabulaire.sortie import XLSX
from contracts.partner import Partner
from contracts.ports import Native, Rejet

FEUILLE = "à corriger"
"""Name of the sheet of rows to correct, if the partner's file is a CSV and has no named sheet."""
SUFFIXE = ".a-corriger"


def to_mend(
    native: Native,
    dialecte: Tabulaire,
    partner: Partner,
    rejets: Sequence[Rejet],
    *,
    as_workbook: bool = False,
) -> Native | None:
    """Return a file of the refused rows of `native` with their reasons, for the partner to correct. The file
    has the format of `native`, CSV or workbook. With `as_workbook`, it is a workbook for a CSV too, if the
    partner's column profile reads XLSX. Return None if no such file can be made. Raises InvalidNative for an
    unreadable file."""
    return _file(native, dialecte, partner, _by_row(rejets), _fields(rejets), as_workbook=as_workbook)


def to_mend_again(
    mended: Native, dialecte: Tabulaire, partner: Partner, rejets: Sequence[Rejet]
) -> Native | None:
    """Write notes on the wrong cells of a file of rows to correct (`mended`, which `to_mend` made). Return:

    * for a workbook: `mended` itself, which has such notes already;
    * for a CSV: a workbook with the notes or, if the partner's column profile reads no XLSX, a CSV without
      them;
    * for a CSV without rows: None.

    `rejets`: the rejections of the file that the partner sent; the notes repeat them. Raises InvalidNative
    for an unreadable CSV.
    """
    if mended.body.startswith(MAGIC):
        return mended
    champs, nothing = _fields(rejets), dict[str, str]()
    rows = {row.ligne: champs.get(row.origine, nothing) for row in designated(mended, dialecte, partner)}
    return _file(mended, dialecte, partner, dict.fromkeys(rows, ""), rows, as_workbook=True)


def _file(
    native: Native,
    dialecte: Tabulaire,
    partner: Partner,
    wrong: Mapping[int, str],
    champs: Mapping[int, Mapping[str, str]],
    *,
    as_workbook: bool,
) -> Native | None:
    page = dialecte.profil_de(partner)
    feuilles, guilty = opened(native.body, page, CelluleTypee)
    tables = readings(feuilles, page, partner) if guilty is None and wrong else []
    refused: dict[tuple[str, ...], list[Sequence[Cellule]]] = {}
    sheets: dict[tuple[str, ...], str] = {}
    mots = Mots()
    for table in tables:
        header, titles, rows = _refused_in(table, wrong, champs, partner)
        sheet = sheets.setdefault(header, table.nom or FEUILLE)
        if rows:
            refused.setdefault(header, []).extend(rows)
            _offer(mots, sheet, table.entete.tableau, titles, header, partner)
    if not refused:
        return None
    written = {sheets[header]: [[*header, COLONNE], *rows] for header, rows in refused.items()}
    return _written(written, mots, native, page, as_workbook=as_workbook)


def _refused_in(
    table: Lecture, wrong: Mapping[int, str], champs: Mapping[int, Mapping[str, str]], partner: Partner
) -> tuple[tuple[str, ...], Mapping[str, str], list[Sequence[Cellule]]]:
    """Return what one table contributes to a file to correct:

    * the header of the new table, with the columns that the old table lacks but a refused row needs;
    * the cells of this header, by the column names that rejections use (a cell may have a synonym instead);
    * the refused rows, each with its reason (`wrong`, by row number) and with notes on its cells (`champs`,
      by row number and column).
    """
    entete = table.entete
    its = [(numero, group) for numero, group in table.rows() if numero in wrong]
    told_of = _with_needed(entete, {numero: champs[numero] for numero, _ in its}, partner)
    added = _lacking(entete, told_of.values())
    cellules = [*entete.cellules, *added]
    places = {membre.nom: membre.indice for membre in entete.membres} | dict(entete.indices)
    places |= {nom: len(entete.cellules) + place for place, nom in enumerate(added)}
    old = {place for place, cell in enumerate(cellules) if cell.strip() == COLONNE}
    refused: list[Sequence[Cellule]] = []
    for numero, group in its:
        told = {**_fields(doubts(entete, numero, group[0])).get(numero, {}), **told_of[numero]}
        notes = {places[champ]: note for champ, note in told.items() if champ in places}
        first, *more = (_padded(cells, len(cellules)) for cells in group)
        for champ, word in _as_before(entete.tableau, added):
            first[places[champ]] = word
        before = "".join(first[place] for place in old)
        marked = [Marque(cell, notes[i]) if i in notes else cell for i, cell in enumerate(first)]
        refused += [
            [*_without(old, marked), Raison(wrong[numero] or before)],
            *(_without(old, m) for m in more),
        ]
    return _without(old, cellules), {nom: cellules[place] for nom, place in places.items()}, refused


def _with_needed(
    entete: Entete, champs: Mapping[int, Mapping[str, str]], partner: Partner
) -> Mapping[int, Mapping[str, str]]:
    """Return the notes on cells (`champs`, by row number and column), with notes added for columns that the
    file lacks. A row gets such a note if it may need the column once its rejected cells are corrected.
    `entete`: the file's header."""
    needed = needed_if(entete.tableau, partner)
    return {
        numero: {
            nom: note
            for champ in rejected
            for nom, note in needed.get(champ, {}).items()
            if nom not in entete.indices
        }
        | dict(rejected)
        for numero, rejected in champs.items()
    }


def _lacking(entete: Entete, champs: Iterable[Collection[str]]) -> list[str]:
    rejected = set().union(*champs)
    return [nom for nom in entete.tableau.colonnes if nom in rejected and nom not in entete.indices]


def _as_before(tableau: Tableau, added: Collection[str]) -> Iterator[tuple[str, str]]:
    for nom in added if tableau.evenement else ():
        if tableau.colonnes[nom] == ETAT:
            yield nom, next(word for word, mot in tableau.etats.items() if mot.evenement == tableau.evenement)


def _offer(
    mots: Mots,
    sheet: str,
    tableau: Tableau,
    names: Mapping[str, str],
    header: tuple[str, ...],
    partner: Partner,
) -> None:
    for column, name in names.items() if sheet not in mots.listes else ():
        words = words_of(tableau, tableau.colonnes.get(column, ""), partner.structures)
        mots.offer(sheet, header.index(name), f"colonne {name}", words)


def _by_row(rejets: Sequence[Rejet]) -> dict[int, str]:
    told: dict[int, list[str]] = {}
    for rejet in rejets:
        if rejet.ligne is not None:
            where = f"{rejet.champ} : " if rejet.champ else ""
            told.setdefault(rejet.ligne, []).append(f"{where}{rejet.message}")
    return {ligne: f"ligne {ligne} — {' / '.join(messages)}" for ligne, messages in told.items()}


def _fields(rejets: Iterable[Rejet]) -> Mapping[int, Mapping[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for rejet in rejets:
        if rejet.ligne is not None:
            of_row = found.setdefault(rejet.ligne, {})
            if rejet.champ:
                before = of_row.get(rejet.champ)
                of_row[rejet.champ] = f"{before} / {rejet.message}" if before else rejet.message
    return found


def _without(places: Collection[int], cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(cell for place, cell in enumerate(cells) if place not in places)


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _written(
    sheets: dict[str, list[Sequence[Cellule]]],
    mots: Mots,
    native: Native,
    page: Profil,
    *,
    as_workbook: bool,
) -> Native | None:
    name = PurePath(native.filename or "fichier").stem.removesuffix(SUFFIXE) + SUFFIXE
    if not native.body.startswith(MAGIC) and not (as_workbook and "xlsx" in page.formats):
        ((header, *rows),) = sheets.values()
        encoding = page.encodage_lu or "utf-8-sig"
        return Native(
            csv_file(list(map(str, header)), rows, page.separateur, encoding, page.format_date),
            "text/csv",
            f"{name}.csv",
        )
    if "xlsx" not in page.formats:
        return None
    mots.listed_in(sheets)
    return Native(workbook(sheets, page.date, mots.listes), XLSX, f"{name}.xlsx")
