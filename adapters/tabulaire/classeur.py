"""Read workbooks (XLSX and ODS) as sheets of text cells with row numbers.

The library python-calamine reads the workbook, from a zip file with only the parts that the hub has checked.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from adapters.tabulaire.archive import protected, stored, unreadable, xml_parts
from adapters.tabulaire.cellules import text_of
from adapters.tabulaire.etendue import judge_ods, judge_xlsx, judge_xml
from adapters.tabulaire.feuille import Feuille, Rangees
from adapters.tabulaire.formules import named, with_ods_marks, with_xlsx_marks
from contracts.errors import InvalidNative

MAX_SHEETS = 50
DEBORDEMENT = "donnez un titre à sa colonne, ou effacez-la"

_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_MANIFEST = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
_RELATION = re.compile(rb"<(?:[^\s<>/:]+:)?Relationship\s[^<>]*?Target\s*=\s*[\"'](?:/?xl/)?([^\"']*)[\"']")
_SHEET = re.compile(rb"<(?:[^\s<>/:]+:)?sheet\s[^<>]*?:id\s*=\s*[\"']([^\"']*)[\"']")


@dataclass(frozen=True, slots=True)
class Classeur:
    """Opened workbook: all its sheets, hidden ones too, and their XML."""

    format: str
    parts: Mapping[str, bytes]
    pages: Sequence[CalamineSheet]
    visibles: frozenset[str]

    def feuilles(self, cell: Callable[[Any], str] = text_of) -> tuple[Feuille, ...]:
        """Return the visible sheets. `cell` is the function that turns a value of the workbook into the text of
        a cell."""
        return tuple(
            Feuille(partial(_rangees, page, cell), DEBORDEMENT, page.name, _last_row(page))
            for page in self.pages
            if page.name in self.visibles
        )


def open_workbook(body: bytes) -> Classeur:
    """Open a workbook. Raises InvalidNative if it is unreadable, or so large that reading it would cost too
    much."""
    parts = xml_parts(body)
    names = {name.lower() for name in parts}
    if "xl/workbook.xml" in names:
        return _opened("xlsx", parts, _judged_xlsx(parts))
    if "content.xml" in names:
        return _opened("ods", parts, _judged_ods(parts))
    raise InvalidNative("ce fichier zip n'est pas un classeur : envoyez un fichier .xlsx ou .ods")


def _judged_xlsx(parts: Mapping[str, bytes]) -> bytes:
    for name, xml in parts.items():
        judge_xml(xml)
        if name.lower().endswith("workbook.xml.rels"):
            _once(_RELATION.findall(xml))
        elif name.lower() == "xl/workbook.xml":
            _once(_SHEET.findall(xml))
    marked = {name: with_xlsx_marks(xml) for name, xml in parts.items()}
    judge_xlsx(marked.values())
    return stored(marked)


def _once(names: list[bytes]) -> None:
    """Raise InvalidNative if one of `names` occurs twice, because a sheet would then be read twice. A name
    with `&` is refused too: with an XML escape (`&#49;` for `1`), it may be another spelling of a name in the
    list. `names`: the ids of a workbook's sheets, or the names of their files, as written in the XML."""
    if len(set(names)) < len(names) or any(b"&" in name for name in names):
        raise unreadable()


def _judged_ods(parts: Mapping[str, bytes]) -> bytes:
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise protected()
    judge_xml(parts.get("content.xml", b""))
    content = with_ods_marks(parts.get("content.xml", b""))
    judge_ods(content)
    return stored({"mimetype": _ODS, "META-INF/manifest.xml": _MANIFEST, "content.xml": content})


def _opened(kind: str, parts: Mapping[str, bytes], judged: bytes) -> Classeur:
    with _read_by_calamine():
        book = CalamineWorkbook.from_filelike(BytesIO(judged))
        pages = [page for page in book.sheets_metadata if page.typ == SheetTypeEnum.WorkSheet]
        if len(pages) > MAX_SHEETS:
            raise InvalidNative(f"classeur de plus de {MAX_SHEETS} feuilles : ne gardez que celles à lire")
        visible = frozenset(page.name for page in pages if page.visible == SheetVisibleEnum.Visible)
        return Classeur(kind, parts, [book.get_sheet_by_name(page.name) for page in pages], visible)


@contextmanager
def _read_by_calamine() -> Iterator[None]:
    """Turn any error of calamine inside the block, even a panic, into InvalidNative."""
    try:
        yield
    except CalamineError:
        raise unreadable() from None
    except BaseException as exc:
        if type(exc).__name__ != "PanicException":
            raise
        raise unreadable() from None


def _rangees(page: CalamineSheet, cell: Callable[[Any], str]) -> Rangees:
    for numero, values in enumerate(rows_of(page), 1):
        cells = [cell(value) for value in named(values, numero)]
        if any(text and not text.isspace() for text in cells):
            yield numero, cells


def _last_row(page: CalamineSheet) -> int:
    return 0 if page.end is None else page.end[0] + 1


def rows_of(page: CalamineSheet) -> Iterator[list[Any]]:
    """Yield all rows of a sheet from row 1 on, with cells typed by calamine."""
    return page.iter_rows() if page.end is not None else iter(())
