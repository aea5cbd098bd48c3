"""Add words to a partner's file, in cells and columns that it lacked, so that the partner can send the whole
file again."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from adapters.rejets import Illisible
from adapters.tabulaire.archive import MAGIC
from adapters.tabulaire.cellules import CelluleTypee
from adapters.tabulaire.dialecte import Lecture, Tabulaire, opened, readings
from adapters.tabulaire.ecriture import csv_file, workbook
from adapters.tabulaire.feuille import Cellules, Feuille
from adapters.tabulaire.sortie import XLSX
from contracts.errors import InvalidNative
from contracts.partner import Partner
from contracts.ports import Native

NOT_AGAIN = "le hub ne peut pas ajouter de colonne à ce fichier : ajoutez-la dans votre tableur"
TO_MEND_FIRST = "ligne {} illisible : corrigez-la dans votre tableur avant d'ajouter une colonne"

Mots = Mapping[str, Mapping[int, str]]
"""Words to write, by column and row number."""


def completed(native: Native, dialecte: Tabulaire, partner: Partner, mots: Mots) -> Native:
    """Return the partner's file `native` with the words of `mots` added. A column that the file lacks is
    added. Every row keeps its number. Raises InvalidNative if the file or one of its rows is unreadable, if
    the file contains a NIR, and for a workbook if the partner's profile reads no XLSX."""
    page = dialecte.profil_de(partner)
    feuilles, guilty = opened(native.body, page, CelluleTypee)
    is_book = native.body.startswith(MAGIC)
    if guilty is not None or (is_book and "xlsx" not in page.formats):
        raise InvalidNative(NOT_AGAIN)
    tables = {table.place: table for table in readings(feuilles, page, partner)}
    sheets = {
        feuille.nom or "": list(_sheet(feuille, tables.get(place), mots))
        for place, feuille in enumerate(feuilles, 1)
    }
    if is_book:
        name = PurePath(native.filename or "fichier").with_suffix(".xlsx").name
        return Native(workbook(sheets, page.date), XLSX, name)
    ((header, *rows),) = sheets.values()
    encoding = page.encodage_lu or "utf-8-sig"
    body = csv_file(header, rows, page.separateur, encoding, page.format_date)
    return Native(body, native.media_type, native.filename)


def _sheet(feuille: Feuille, table: Lecture | None, mots: Mots) -> Iterator[Cellules]:
    """Yield every row of a sheet from row 1 on, blank rows included, with the words of `mots` written into
    their cells. `table`: the same sheet, with its recognised header; if it is None, no words are written."""
    rows = dict[int, Cellules]()
    for numero, cells in feuille.lire():
        if isinstance(cells, Illisible):
            raise InvalidNative(TO_MEND_FIRST.format(numero))
        rows[numero] = cells
    if table is not None:
        rows |= _added(rows, table, mots)
    written = 0
    for numero, cells in rows.items():
        yield from ([] for _ in range(numero - written - 1))
        yield cells
        written = numero + sum(cell.count("\n") for cell in cells if feuille.nom is None)


def _added(rows: Mapping[int, Cellules], table: Lecture, mots: Mots) -> Iterator[tuple[int, Cellules]]:
    """Write the words of `mots` into the cells of a sheet, and yield each row, as its number and its cells. A
    word replaces the cell's text. If the sheet lacks a column of the profile for which there are words, the
    column is added on the right. `rows`: the sheet's rows, by number; `table`: the same sheet, with its
    recognised header. All rows come equally wide, as the hub expects them in a CSV."""
    title, indices = table.entete.cellules, table.entete.indices
    start = next(numero for numero, cells in rows.items() if cells[: len(title)] == title)
    lacking = [nom for nom in table.entete.tableau.colonnes if nom in mots and nom not in indices]
    width = max(map(len, rows.values()))
    places = {**indices, **{nom: width + place for place, nom in enumerate(lacking)}}
    for numero, cells in rows.items():
        added = lacking if numero == start else [""] * len(lacking)
        row = [*cells, *[""] * (width - len(cells)), *added]
        for nom, words in mots.items():
            if (word := words.get(numero + table.avant)) and nom in places:
                row[places[nom]] = word
        yield numero, row
