"""Write CSV and XLSX files that a person can open without harm.

An XLSX file has no time stamps and is not compressed, so that its bytes do not depend on the hour or on a
version of zlib. It is made without temporary files.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import StringIO
from types import MappingProxyType
from typing import Self
from xml.sax.saxutils import escape

from adapters.encodage import encodable
from adapters.tabulaire.archive import stored
from adapters.tabulaire.cellules import CelluleTypee, Valeur, letters
from adapters.tabulaire.commentaires import LINK, MAIN, OFFICE, PACKAGE, TYPE, XML, Note, comments, relations

Cellule = Valeur | None


class Marque(CelluleTypee):
    """Coloured cell, such as a cell to correct. Its note, if any, appears as a comment."""

    __slots__ = ("note",)
    note: str

    def __new__(cls, valeur: Valeur, note: str = "") -> Self:
        made = super().__new__(cls, valeur)
        made.note = note
        return made


class Raison(CelluleTypee):
    """Cell with a long text, shown in as many lines as it takes."""

    __slots__ = ()


NARROWEST, WIDEST = 8, 60
"""Least and greatest width of a column, in characters."""

_FORMULA = re.compile(r"[=@\t\r\n＝＋－＠]|[+-](?!\d[\d .,\u00a0\u202f]*\Z)", re.ASCII)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_DAY_ZERO = date(1899, 12, 30)
_FIRST_EXACT_DAY = date(1900, 3, 1)
"""First day that a spreadsheet numbers correctly. An earlier day is written as text."""


def harmless(cell: str) -> str:
    """Return the text of a cell. If a spreadsheet would run the text as a formula, put an apostrophe in
    front. "-4" and "+33 6 …" are no formulas."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def csv_file(
    header: Sequence[str], rows: Iterable[Sequence[Cellule]], separator: str, encoding: str, format_date: str
) -> bytes:
    """Return a CSV file. A letter that the encoding lacks is written without its accents, or as "?".
    `format_date`: form of dates, for `strftime`."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    writer.writerow(encodable(cell, encoding) for cell in header)
    writer.writerows(
        [harmless(encodable(_text(cell, format_date), encoding)) for cell in row] for row in rows
    )
    return buffer.getvalue().encode(encoding)


def _text(cell: Cellule, format_date: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime(f"{format_date} %H:%M %Z").strip()
    return cell.strftime(format_date) if isinstance(cell, date) else str(cell)


def xlsx_file(sheet: str, header: Sequence[str], rows: Iterable[Sequence[Cellule]], date_form: str) -> bytes:
    """Return a workbook of one sheet. Numbers and days are stored as such, not as text. `date_form`: the
    column profile's form of dates, in which days are shown."""
    return workbook({sheet: (header, *rows)}, date_form)


Listes = Mapping[str, Mapping[int, str]]
"""Drop-down lists of a workbook: for each sheet and column (from 0), the range of cells that holds the
words."""


def workbook(
    sheets: Mapping[str, Iterable[Sequence[Cellule]]],
    date_form: str,
    listes: Listes = MappingProxyType({}),
) -> bytes:
    """Return a workbook of the sheets `sheets`. Each sheet is given by its rows, header first. `date_form`:
    the column profile's form of dates. A sheet with drop-down lists (`listes`) has a bold header that stays
    in view."""
    kept = {name: list(rows) for name, rows in sheets.items()}
    typed = bool(listes) or any(
        isinstance(cell, CelluleTypee) for rows in kept.values() for row in rows for cell in row
    )
    notes = {number: found for number, rows in enumerate(kept.values(), 1) if (found := _notes(rows))}
    listed = "".join(
        _LISTED.format(sheet=escape(sheet, {'"': "&quot;"}), number=number)
        for number, sheet in enumerate(kept, 1)
    )
    names = [f"worksheets/sheet{number}.xml" for number, _ in enumerate(kept, 1)]
    types = "".join(_PART_TYPE.format(name=name, kind="worksheet") for name in names)
    types += "".join(_PART_TYPE.format(name=f"comments{number}.xml", kind="comments") for number in notes)
    types += TYPE if notes else ""
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES.format(parts=types).encode(),
        "_rels/.rels": relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _WORKBOOK.format(sheets=listed).encode(),
        "xl/_rels/workbook.xml.rels": relations(
            [*(("worksheet", name) for name in names), ("styles", "styles.xml")]
        ),
        "xl/styles.xml": _style_sheet(_DATE_FORMS[date_form], typed=typed),
    }
    for number, (name, rows) in enumerate(kept.items(), 1):
        written = _sheet(rows, listes.get(name), noted=number in notes)
        parts[f"xl/worksheets/sheet{number}.xml"] = written
    for number, found in notes.items():
        parts |= comments(number, found)
    return stored(parts)


def _sheet(rows: Sequence[Sequence[Cellule]], listes: Mapping[int, str] | None, *, noted: bool) -> bytes:
    filled_in = listes is not None
    written = "".join(_row(number, row, filled_in and number == 1) for number, row in enumerate(rows, 1))
    columns = (_FROZEN if filled_in else "") + _columns(rows)
    choices = "".join(
        _CHOICE.format(column=letters(column), words=words) for column, words in (listes or {}).items()
    )
    after = f'<dataValidations count="{len(listes)}">{choices}</dataValidations>' if listes else ""
    return _SHEET.format(columns=columns, rows=written, drawing=after + (LINK if noted else "")).encode()


def _notes(rows: Sequence[Sequence[Cellule]]) -> list[Note]:
    return [
        Note(number, column, f"{letters(column)}{number + 1}", _escaped(cell.note))
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
        if isinstance(cell, Marque) and cell.note
    ]


def _escaped(text: str) -> str:
    return escape(_LOOKS_ESCAPED.sub("_x005F_", _ILLEGAL.sub("\ufffd", text)))


def _columns(rows: Sequence[Sequence[Cellule]]) -> str:
    widths: dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(row, 1):
            widths[column] = max(widths.get(column, NARROWEST), min(WIDEST, len(str(cell or "")) + 2))
    said = (f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in widths.items())
    return f"<cols>{''.join(said)}</cols>" if widths else ""


def _row(number: int, cells: Sequence[Cellule], titles: bool) -> str:
    written = "".join(_cell(f"{letters(column)}{number}", cell, titles) for column, cell in enumerate(cells))
    return f'<row r="{number}">{written}</row>'


def _cell(address: str, cell: Cellule, titles: bool) -> str:
    marked = isinstance(cell, Marque)
    value = cell.valeur if isinstance(cell, CelluleTypee) else cell
    if value is None or value == "":
        return f'<c r="{address}" s="{_NUMBERS[PLAIN, True]}"/>' if marked else ""
    kind, written = _stored(value)
    if isinstance(cell, Raison):
        kind = WRAPPED
    style = _NUMBERS[TITLE if titles else kind, marked]
    styled = f' s="{style}"' if style else ""
    return f'<c r="{address}"{styled}{written}</c>'


def _stored(value: Valeur) -> tuple[str, str]:
    if isinstance(value, bool):
        return PLAIN, f' t="b"><v>{value:d}</v>'
    if isinstance(value, int | float):
        return PLAIN, f"><v>{value!r}</v>"
    if isinstance(value, datetime) and value.tzinfo is None and value.date() >= _FIRST_EXACT_DAY:
        days = (value - datetime.combine(_DAY_ZERO, time())) / timedelta(days=1)
        return (DAY if value.time() == time() else MOMENT), f"><v>{days!r}</v>"
    if isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_EXACT_DAY:
        return DAY, f"><v>{(value - _DAY_ZERO).days}</v>"
    text = harmless(value.isoformat() if isinstance(value, date) else str(value))
    return PLAIN, f' t="inlineStr"><is><t xml:space="preserve">{_escaped(text)}</t></is>'


_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DATE_FORMS = {"aaaa-mm-jj": "yyyy\\-mm\\-dd", "jj/mm/aaaa": "dd/mm/yyyy"}
_CONTENT_TYPES = (
    f'{XML}<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'{{parts}}<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)
_PART_TYPE = f'<Override PartName="/xl/{{name}}" ContentType="{_TYPE}.{{kind}}+xml"/>'
_WORKBOOK = (
    f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}/relationships"><sheets>{{sheets}}</sheets></workbook>'
)
_LISTED = '<sheet name="{sheet}" sheetId="{number}" r:id="rId{number}"/>'
PLAIN, DAY, MOMENT, TITLE, WRAPPED = "plain", "day", "moment", "title", "wrapped"
"""Styles: plain value, date, date with a time, title, text in several lines."""
_FORMED, _FILLED, _IN_BOLD = ' applyNumberFormat="1"', ' applyFill="1"', ' applyFont="1"'
_XF = '<xf numFmtId="{form}" fontId="{font}" fillId="{ground}" borderId="0" xfId="0"{applied}/>'
_OF_A_DAY, _OF_A_MOMENT = 164, 165
_GROUND = 2
_STYLES: Mapping[tuple[str, bool], str] = {
    (PLAIN, False): _XF.format(font=0, form=0, ground=0, applied=""),
    (DAY, False): _XF.format(font=0, form=_OF_A_DAY, ground=0, applied=_FORMED),
    (PLAIN, True): _XF.format(font=0, form=0, ground=_GROUND, applied=_FILLED),
    (DAY, True): _XF.format(font=0, form=_OF_A_DAY, ground=_GROUND, applied=_FORMED + _FILLED),
    (MOMENT, False): _XF.format(font=0, form=_OF_A_MOMENT, ground=0, applied=_FORMED),
    (MOMENT, True): _XF.format(font=0, form=_OF_A_MOMENT, ground=_GROUND, applied=_FORMED + _FILLED),
    (TITLE, False): _XF.format(font=1, form=0, ground=0, applied=_IN_BOLD),
    (TITLE, True): _XF.format(font=1, form=0, ground=_GROUND, applied=_IN_BOLD + _FILLED),
    (WRAPPED, False): _XF.format(font=0, form=0, ground=0, applied=' applyAlignment="1"').replace(
        "/>", '><alignment vertical="top" wrapText="1"/></xf>'
    ),
}
"""Styles of cells, by the kind of value and by whether the cell is coloured."""
_OF_EVENTS = 3
"""Number of styles for plain values and dates; they are the first in `_STYLES`."""
_NUMBERS = {style: number for number, style in enumerate(_STYLES)}
_STYLE_SHEET = (
    f'{XML}<styleSheet xmlns="{MAIN}">'
    "{forms}"
    "{fonts}"
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFFE08A"/></patternFill></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    "{styles}"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
_FONT, _BOLD = (f'<font>{b}<sz val="11"/><name val="Calibri"/></font>' for b in ("", "<b/>"))
_FROZEN = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
    'state="frozen"/></sheetView></sheetViews>'
)
_CHOICE = (
    '<dataValidation type="list" allowBlank="1" sqref="{column}2:{column}1000"><formula1>{words}</formula1>'
    "</dataValidation>"
)
"""Element of a sheet that offers words for a column. A person may still type other words."""
_FORM = '<numFmt numFmtId="{form}" formatCode="{code}"/>'


def _style_sheet(day: str, *, typed: bool) -> bytes:
    forms = [_FORM.format(form=_OF_A_DAY, code=day)]
    if typed:
        forms.append(_FORM.format(form=_OF_A_MOMENT, code=f"{day} hh:mm"))
    fonts = [_FONT, _BOLD] if typed else [_FONT]
    styles = [*_STYLES.values()][: None if typed else _OF_EVENTS]
    return _STYLE_SHEET.format(
        fonts=f'<fonts count="{len(fonts)}">{"".join(fonts)}</fonts>',
        forms=f'<numFmts count="{len(forms)}">{"".join(forms)}</numFmts>',
        styles=f'<cellXfs count="{len(styles)}">{"".join(styles)}</cellXfs>',
    ).encode()


_SHEET = f'{XML}<worksheet xmlns="{MAIN}">{{columns}}<sheetData>{{rows}}</sheetData>{{drawing}}</worksheet>'
