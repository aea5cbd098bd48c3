"""Workbooks for the adapter tests: written by openpyxl, or by hand if they are to be invalid."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

from adapters.tabulaire.dialecte import Tabulaire, dialects
from adapters.tabulaire.profils import parse
from contracts.errors import InvalidNative
from contracts.partner import Famille, Partner
from contracts.ports import Ligne, Native

PROFILS = Path(__file__).parent / "profils"
SIRET = "26010004500012"
BAILLEUR = Partner(
    id="bailleur-fictif",
    nom="Bailleur fictif",
    famille=Famille.BAILLEUR,
    territoire="01",
    structures=(SIRET,),
)
FEUILLE = "Suites données"


def dialecte(name: str) -> Tabulaire:
    """Return the dialect that one TOML file defines."""
    page = parse((PROFILS / f"{name}.toml").read_text("utf-8"), name)
    return dialects({name: page})[page.dialecte]


FICTIF = dialecte("bailleur_fictif")


def lignes(body: bytes, dialecte: Tabulaire = FICTIF, partner: Partner = BAILLEUR) -> list[Ligne]:
    """Return every row of a file."""
    return list(dialecte.decode(Native(body, "application/octet-stream"), partner).lignes)


def refused(body: bytes, dialecte: Tabulaire = FICTIF) -> str:
    """Return the reason for which a whole file is refused. Fails if it is read."""
    try:
        found = lignes(body, dialecte)
    except InvalidNative as exc:
        return str(exc)
    raise AssertionError(f"{len(found)} rows were read")


def xlsx(rows: Iterable[Sequence[Any]], sheet: str = FEUILLE, **others: Iterable[Sequence[Any]]) -> bytes:
    """Return an XLSX workbook as Excel saves it. `others`: further sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, content in {sheet: rows, **others}.items():
        page = book.create_sheet(title)
        for row in content:
            page.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return the bytes of a workbook."""
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_parts(body: bytes, parts: Mapping[str, bytes | str]) -> bytes:
    """Return a zip file with some parts added or replaced."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(body)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_xml(rows: str) -> str:
    """Return the XML of an XLSX sheet."""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def ods(rows: Iterable[Sequence[str]], more: str = "", sheet: str = FEUILLE) -> bytes:
    """Return an ODS workbook as LibreOffice saves it, with empty cells and rows up to the end of the sheet. `more`:
    further XML rows."""
    body = "".join(f"<table:table-row>{''.join(map(ods_cell, row))}{_REST}</table:table-row>" for row in rows)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="{escape(sheet)}">{body}{more}'
        f'<table:table-row table:number-rows-repeated="1048000">{_REST}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return buffer.getvalue()


_REST = '<table:table-cell table:number-columns-repeated="16000"/>'


def ods_cell(text: str, repeated: int = 1) -> str:
    """Return the XML of one text cell."""
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeated}">'
        f"<text:p>{escape(text)}</text:p></table:table-cell>"
    )
