"""Find NIR (social security numbers) anywhere in a table file. A file with a NIR is refused as a whole."""

import re
from collections.abc import Iterator
from itertools import islice

from adapters.nir import MAX_ROWS_LISTED, has_nir, may_hold_nir
from adapters.tabulaire.cellules import is_whole, text_of
from adapters.tabulaire.classeur import Classeur, rows_of
from adapters.tabulaire.csv import text_lines

_TAGS = re.compile(rb"<[^<>]*>")
_CELLS = b"sheetData"


def nir_in_csv(body: bytes) -> list[int] | None:
    """Return the numbers of the lines of a CSV file that contain a NIR, at most 1,000 (`MAX_ROWS_LISTED`).
    Return None if the file contains no NIR."""
    if not may_hold_nir(body):
        return None
    lines = (numero for numero, line in enumerate(text_lines(body), 1) if has_nir(line))
    return list(islice(lines, MAX_ROWS_LISTED)) or None


def nir_in_workbook(classeur: Classeur) -> list[int] | None:
    """Return the numbers of a workbook's rows that contain a NIR, at most 1,000 (`MAX_ROWS_LISTED`). Return
    an empty list if a NIR stands only outside the cells, such as in a comment. Return None if the workbook
    contains no NIR."""
    suspects = [xml for xml in classeur.parts.values() if may_hold_nir(xml)]
    if not suspects:
        return None
    rows = list(islice(_rows_with_nir(classeur), MAX_ROWS_LISTED))
    return rows if rows or any(has_nir(_text(xml)) for xml in suspects) else None


def _rows_with_nir(classeur: Classeur) -> Iterator[int]:
    """Yield the number of each row that contains a NIR. Numbers with decimals are passed over, because no NIR
    has decimals."""
    for page in classeur.pages:
        for numero, values in enumerate(rows_of(page), 1):
            told = (v for v in values if not isinstance(v, float) or is_whole(v))
            if has_nir(";".join(map(text_of, told))):
                yield numero


def _text(xml: bytes) -> str:
    """Return the text of one XML file of a workbook. The cells of an XLSX sheet are left out: `_rows_with_nir`
    searches them for a NIR."""
    before, _, rest = xml.partition(_CELLS)
    after = rest.rpartition(_CELLS)[2]
    return _TAGS.sub(b";", before + b" " + after).decode("utf-8", "replace")
