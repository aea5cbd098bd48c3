"""Writers of CSV and XLSX files that a person can open without harm.

The XLSX is written here, in five small parts: openpyxl would put the clock into it, and its rows into a file in
/tmp. It is not compressed, so that its bytes depend on no version of zlib.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from io import StringIO
from xml.sax.saxutils import escape

from adapters.encodage import encodable
from adapters.tabulaire.archive import stored

Cellule = str | int | date | None


class Marque(str):
    """A cell to be corrected: a workbook shows it on a coloured ground, and its note beside it once it is chosen."""

    __slots__ = ("note",)

    def __new__(cls, text: str, note: str = "") -> "Marque":
        """Mark a cell."""
        made = super().__new__(cls, text)
        made.note = note
        return made

    note: str


LONGEST_NOTE = 255
"""Characters of a note that a spreadsheet shows."""
NARROWEST, WIDEST = 8, 60
"""Widths of columns, in characters."""

_FORMULA = re.compile(r"[=@\t\r\n＝＋－＠]|[+-](?!\d[\d .,\u00a0\u202f]*\Z)", re.ASCII)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_DAY_ZERO = date(1899, 12, 30)
_FIRST_EXACT_DAY = date(1900, 3, 1)
"""The first day that a spreadsheet counts right: it believes in a 29 February 1900. Earlier days are written as
text."""


def harmless(cell: str) -> str:
    """Return a cell as text if a spreadsheet would run it as a formula, else unchanged.

    A sign before digits alone is a number or a telephone number: "-4" and "+33 6 …" stay as they are.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def csv_file(
    header: Sequence[str], rows: Iterable[Sequence[Cellule]], separator: str, encoding: str, format_date: str
) -> bytes:
    """Write a CSV file with its header; a letter that the encoding lacks loses its accents."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(
        [harmless(encodable(_text(cell, format_date), encoding)) for cell in row] for row in rows
    )
    return buffer.getvalue().encode(encoding)


def _text(cell: Cellule, format_date: str) -> str:
    if cell is None:
        return ""
    return cell.strftime(format_date) if isinstance(cell, date) else str(cell)


def xlsx_file(sheet: str, header: Sequence[str], rows: Iterable[Sequence[Cellule]], date_form: str) -> bytes:
    """Write a workbook of one sheet: numbers are numbers, days are days, anything else is text."""
    return workbook({sheet: (header, *rows)}, date_form)


def workbook(sheets: Mapping[str, Iterable[Sequence[Cellule]]], date_form: str) -> bytes:
    """Write a workbook of these sheets; the first row of each is its header."""
    names = [f"worksheets/sheet{number}.xml" for number, _ in enumerate(sheets, 1)]
    types = "".join(_SHEET_TYPE.format(name=name) for name in names)
    listed = "".join(
        _LISTED.format(sheet=escape(sheet, {'"': "&quot;"}), number=number)
        for number, sheet in enumerate(sheets, 1)
    )
    return stored(
        {
            "[Content_Types].xml": _CONTENT_TYPES.format(sheets=types).encode(),
            "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": _WORKBOOK.format(sheets=listed).encode(),
            "xl/_rels/workbook.xml.rels": _relations(
                [*(("worksheet", name) for name in names), ("styles", "styles.xml")]
            ),
            "xl/styles.xml": _STYLES.format(date=_DATE_FORMS[date_form]).encode(),
            **{f"xl/{name}": _sheet(rows) for name, rows in zip(names, sheets.values(), strict=True)},
        }
    )


def _sheet(rows: Iterable[Sequence[Cellule]]) -> bytes:
    kept = list(rows)
    written = "".join(_row(number, row) for number, row in enumerate(kept, 1))
    return _SHEET.format(columns=_columns(kept), rows=written, notes=_notes(kept)).encode()


def _notes(rows: Sequence[Sequence[Cellule]]) -> str:
    """Return the notes of marked cells, as the help that a spreadsheet shows on a cell: it restricts nothing."""
    notes = [
        _NOTE.format(address=f"{_letters(column)}{number}", note=_attribute(cell.note))
        for number, row in enumerate(rows, 1)
        for column, cell in enumerate(row)
        if isinstance(cell, Marque) and cell.note
    ]
    return f'<dataValidations count="{len(notes)}">{"".join(notes)}</dataValidations>' if notes else ""


def _attribute(text: str) -> str:
    shown = text if len(text) <= LONGEST_NOTE else f"{text[: LONGEST_NOTE - 1]}…"
    return escape(_ILLEGAL.sub("\ufffd", shown), {'"': "&quot;", "\n": " "})


def _columns(rows: Sequence[Sequence[Cellule]]) -> str:
    """Return the widths of columns: each shows its longest cell, within bounds."""
    widths: dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(row, 1):
            widths[column] = max(widths.get(column, NARROWEST), min(WIDEST, len(str(cell or "")) + 2))
    said = (f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in widths.items())
    return f"<cols>{''.join(said)}</cols>" if widths else ""


def _row(number: int, cells: Sequence[Cellule]) -> str:
    written = "".join(_cell(f"{_letters(column)}{number}", cell) for column, cell in enumerate(cells))
    return f'<row r="{number}">{written}</row>'


def _cell(address: str, cell: Cellule) -> str:
    marked = ' s="2"' if isinstance(cell, Marque) else ""
    if cell is None or cell == "":
        return f'<c r="{address}"{marked}/>' if marked else ""
    if isinstance(cell, int):
        return f'<c r="{address}"><v>{cell}</v></c>'
    if isinstance(cell, date) and not isinstance(cell, datetime) and cell >= _FIRST_EXACT_DAY:
        return f'<c r="{address}" s="1"><v>{(cell - _DAY_ZERO).days}</v></c>'
    text = harmless(cell.isoformat() if isinstance(cell, date) else cell)
    text = escape(_LOOKS_ESCAPED.sub("_x005F_", _ILLEGAL.sub("\ufffd", text)))
    return f'<c r="{address}"{marked} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _letters(column: int) -> str:
    """Return the letters of a column: A for 0, AA for 26."""
    before, letter = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + letter)


def _relations(targets: Iterable[tuple[str, str]]) -> bytes:
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/relationships/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'.encode()


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DATE_FORMS = {"aaaa-mm-jj": "yyyy\\-mm\\-dd", "jj/mm/aaaa": "dd/mm/yyyy"}
_CONTENT_TYPES = (
    f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'{{sheets}}<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)
_SHEET_TYPE = f'<Override PartName="/xl/{{name}}" ContentType="{_TYPE}.worksheet+xml"/>'
_WORKBOOK = (
    f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships">'
    "<sheets>{sheets}</sheets></workbook>"
)
_LISTED = '<sheet name="{sheet}" sheetId="{number}" r:id="rId{number}"/>'
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="{date}"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFFE08A"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="2" borderId="0" xfId="0" applyFill="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_SHEET = f'{_XML}<worksheet xmlns="{_MAIN}">{{columns}}<sheetData>{{rows}}</sheetData>{{notes}}</worksheet>'
_NOTE = '<dataValidation showInputMessage="1" promptTitle="À corriger" prompt="{note}" sqref="{address}"/>'
