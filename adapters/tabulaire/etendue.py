"""Check the extent of a workbook in its XML, before the workbook is read.

A program that reads a sheet fills the rectangle from its first cell to its last. Two cells far apart, or a
row repeated a million times, thus make gigabytes out of a small file.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import reduce

from adapters.tabulaire.archive import unreadable
from contracts.errors import InvalidNative

MAX_AREA_CELLS = 1_000_000
FREE_AREA_CELLS = 50_000
"""Number of cells that a workbook may span even if none of them is filled."""
SPAN_OF_A_CELL = 50
"""Number of further cells that a workbook may span for each filled cell."""
MAX_COLUMNS = 1_000
MAX_TEXT_BYTES = 64 * 1024 * 1024
"""Limit on the text that repeated cells add."""
MAX_TAGS = 6 * MAX_AREA_CELLS
MAX_ATTRIBUTES_BYTES = 64 * 1024
"""Limit on the text of the attributes of one row or cell, in an ODS sheet."""
REMEMBERED_ATTRIBUTES, REMEMBERED_BYTES = 1_000, 256
"""Limits of the cache that keeps how often a cell or row is repeated: how many texts of attributes it holds,
and how many bytes each may have."""

_NAME = rb"<(?:[^\s<>/:\"'=]+:)?"
_HOLDS = rb"[^<>]*(?<!/)>(?!</)"
_FILLED = re.compile(_NAME + rb"c(?=[\s>])" + _HOLDS)
"""Pattern of the tag of a filled cell in XLSX."""
_ADDRESS = re.compile(_NAME + rb"c\s(?:[^<>]*?[\s\"'])?r=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']" + _HOLDS)
"""Pattern of the tag of a filled cell in XLSX, with the cell's column and row."""
_SHARED = re.compile(_NAME + rb"c\s[^<>]*>\s*" + _NAME + rb"v>([0-9]{1,9})<")
_STRING = re.compile(_NAME + rb"si(?=[\s/>])")

_ODS_TAG = re.compile(
    rb"<(?:table:(?:covered-)?table-cell(?=[\s/>])([^<>]*)|(/?)table:(table-row|table)(?=[\s/>])([^<>]*))>"
)
"""Pattern of the tags of cells, rows and sheets in an ODS workbook, with their attributes."""
_ATTRIBUTES = re.compile(rb"(?:\s+[^\s=\"'<>]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*+\s*/?")
_REPEATED = re.compile(rb"number-(?:columns|rows)-repeated\s*=\s*[\"']([^\"']*)[\"']")
_COUNT = re.compile(rb"[0-9]{1,7}")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")


@dataclass(slots=True)
class _Etendue:
    area: int = 0
    filled: int = 0
    text_bytes: int = 0

    def judge(self, columns: int, area: int = 0) -> None:
        """Raise InvalidNative if the workbook read so far has too many columns or cells, too few of them
        filled, or too much repeated text. `columns`, `area`: columns and cells of the sheet being read."""
        spans = self.area + area
        if columns > MAX_COLUMNS or max(spans, self.filled) > MAX_AREA_CELLS:
            raise too_far()
        if spans > FREE_AREA_CELLS + SPAN_OF_A_CELL * self.filled:
            raise InvalidNative("classeur presque vide : effacez la cellule perdue loin des autres")
        if self.text_bytes > MAX_TEXT_BYTES:
            raise InvalidNative("classeur dont les textes répétés sont trop longs : raccourcissez-les")


def too_far() -> InvalidNative:
    """Return the error for a workbook with too many cells."""
    return InvalidNative(
        f"classeur de plus de {MAX_AREA_CELLS} cellules : effacez les lignes et colonnes inutiles, ou découpez-le"
    )


def judge_xml(xml: bytes) -> None:
    """Raise InvalidNative if an XML file of a workbook has a document type, entities, an encoding other than
    UTF-8, or too many tags. The hub searches this XML as plain bytes, such as for formulas without a stored
    value. Entities and other encodings could hide what it searches."""
    hidden = b"\0" in xml or b"<!DOCTYPE" in xml or b"<!ENTITY" in xml
    declared = _ENCODING.search(xml[:200].partition(b"?>")[0])
    other = declared is not None and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii")
    if hidden or other or xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise unreadable()
    if xml.count(b"<") > MAX_TAGS:
        raise too_far()


def judge_xlsx(parts: Collection[bytes]) -> None:
    """Raise InvalidNative if an XLSX workbook would fill too much memory: with too many columns or cells, with
    many empty cells between few filled ones, or with texts that too many cells share. A text that cells share
    is stored once in the file. `parts`: the workbook's XML files."""
    lists = [xml for xml in parts if _STRING.search(xml)]
    if len(lists) > 1:
        raise unreadable()
    lengths = [len(text) for xml in lists for text in _STRING.split(xml)[1:]]
    found = _Etendue()
    for xml in parts:
        rows, columns, shared = _xlsx_sheet(xml, found)
        found.area += rows * columns
        if shared * max(lengths, default=0) > MAX_TEXT_BYTES:
            found.text_bytes += _shared_text(xml, shared, lengths)
        found.judge(columns)


def _xlsx_sheet(xml: bytes, found: _Etendue) -> tuple[int, int, int]:
    """Measure one sheet. Return its last filled row, its last filled column, and an upper bound for the
    number of its cells that refer to shared strings. Add the number of its filled cells to `found`."""
    if xml.count(b"<c ") > MAX_AREA_CELLS:
        raise too_far()
    addresses = _ADDRESS.findall(xml)
    if len(addresses) < len(_FILLED.findall(xml)):
        raise unreadable()
    found.filled += len(addresses)
    rows = max((int(digits) for _, digits in addresses), default=0)
    columns = max(map(_column, {letters for letters, _ in addresses}), default=0)
    return rows, columns, xml.count(b'"s"') + xml.count(b"'s'")


def _column(letters: bytes) -> int:
    return reduce(lambda number, letter: number * 26 + letter - 64, letters, 0)


def _shared_text(xml: bytes, shared: int, lengths: list[int]) -> int:
    numbers = [int(number) for number in _SHARED.findall(xml)]
    if len(numbers) < shared:
        raise unreadable()
    return sum(lengths[number] for number in numbers if number < len(lengths))


def judge_ods(xml: bytes) -> None:
    """Raise InvalidNative if an ODS workbook would fill too much memory: with too many columns or cells, with
    many empty cells between few filled ones, or with too much repeated text. A repeated cell is stored once in
    the file, with the number of its repetitions."""
    found = _Etendue()
    rows = columns = waiting = 0
    for row in _ods_rows(xml):
        if row is None:
            found.area += rows * columns
            rows = columns = waiting = 0
        elif row.width:
            rows, waiting = rows + waiting + row.repeated, 0
            columns = max(columns, row.width)
            found.filled += row.filled
            found.text_bytes += (row.repeated * row.widest - 1) * row.length
        else:
            waiting += row.repeated
        found.judge(columns, rows * columns)


@dataclass(slots=True)
class _Row:
    begin: int
    repeated: int
    width: int = 0
    """Number of cells up to the last filled one."""
    empty: int = 0
    """Number of empty cells since the last filled one."""
    filled: int = 0
    widest: int = 1
    """Number of cells that the most repeated filled cell stands for."""
    length: int = 0

    def add(self, count: int, filled: bool) -> None:
        if not filled:
            self.empty += count
            return
        self.width, self.empty = self.width + self.empty + count, 0
        self.filled += 1
        self.widest = max(self.widest, count)


def _ods_rows(xml: bytes) -> Iterator[_Row | None]:
    row: _Row | None = None
    repetitions = _remembered_repetitions()
    for tag in _ODS_TAG.finditer(xml):
        cell, closing, name, attributes = tag.groups()
        if cell is not None:
            if row is not None:
                row.add(repetitions(cell), filled=not cell.endswith(b"/") or b"office:" in cell)
            continue
        count = repetitions(attributes)
        if name == b"table":
            yield None
            continue
        row = row if closing and row else _Row(tag.start(), count)
        if closing or attributes.endswith(b"/"):
            row.length = tag.end() - row.begin
            yield row
            row = None


def _remembered_repetitions() -> Callable[[bytes], int]:
    seen: dict[bytes, int] = {}

    def recall(attributes: bytes) -> int:
        count = seen.get(attributes)
        if count is None:
            count = _repetitions(attributes)
            if len(attributes) <= REMEMBERED_BYTES and len(seen) < REMEMBERED_ATTRIBUTES:
                seen[attributes] = count
        return count

    return recall


def _repetitions(attributes: bytes) -> int:
    if len(attributes) > MAX_ATTRIBUTES_BYTES or not _ATTRIBUTES.fullmatch(attributes):
        raise unreadable()
    counts = _REPEATED.findall(attributes)
    if not all(_COUNT.fullmatch(count) for count in counts):
        raise unreadable()
    return max(map(int, counts), default=1)
