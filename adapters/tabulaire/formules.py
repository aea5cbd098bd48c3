"""Mark the formulas without a stored value in a workbook. Programs that compute nothing write such formulas.

Without a mark, the cell of such a formula would be read as empty. The mark is a text in the cell. Because of
this text, the row is refused, with a message that names the cell.
"""

import re
from collections.abc import Sequence
from typing import Any

from adapters.rejets import Illisible
from adapters.tabulaire.cellules import letters
from contracts.errors import InvalidNative

FORMULE = "#FORMULE!"
"""Beginning of the text that marks a cell with a formula and no value. The cell's name follows."""
_REMEDY = "ouvrez le classeur dans un tableur, enregistrez-le et renvoyez-le"

_XLSX = re.compile(
    rb"<((?:[^\s<>/:\"'=]+:)?)c(\s[^<>]*)?(?<!/)>\s*+"
    rb"(<\1f(?:\s[^<>]*)?(?:/>|>[^<]*</\1f\s*+>))\s*+"
    rb"(<\1v\s*+/>|<\1v(?:\s[^<>]*)?>\s*+</\1v\s*+>)?+(?=\s*+</\1c\s*+>)"
)
"""Pattern of an XLSX cell with a formula and no value. Its groups: prefix, attributes, formula, empty value
if any. Possessive quantifiers keep runs of spaces from being read twice."""
_TYPE = re.compile(rb"\st\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_SEVERAL = re.compile(rb"^[^>]*\sref\s*=\s*[\"'][A-Z]+[0-9]+:")
_SHARED = re.compile(rb"^[^>]*\st\s*=\s*[\"']shared[\"']")
_ODS = re.compile(
    rb"<table:(?:covered-)?table-cell(?=[^<>]*\stable:formula\s*=)(?![^<>]*\soffice:value-type\s*=)"
)
"""Pattern of an ODS cell with a formula and no value."""
_MATRIX = re.compile(
    _ODS.pattern + rb"(?=[^<>]*\stable:number-matrix-(?:columns|rows)-spanned\s*=\s*[\"'](?!1[\"']))"
)
"""Pattern of an ODS cell with a formula that fills several cells (matrix formula), and without a stored
value."""


def with_xlsx_marks(xml: bytes) -> bytes:
    """Return one XML part of an XLSX workbook. Each formula without a stored value gets a text that marks it,
    so that the hub can refuse the cell and name it. Raises InvalidNative for a formula that fills several
    cells."""
    return _XLSX.sub(_marked, xml)


def _marked(cell: re.Match[bytes]) -> bytes:
    prefix, attributes, formula, value = cell[1], cell[2] or b"", cell[3], cell[4]
    found = _TYPE.search(attributes)
    if value and found and b"str" in found.groups():
        return cell[0]  # the formula gives an empty text
    if _SEVERAL.match(formula) and not _SHARED.match(formula):
        raise _matrix()
    attributes = _TYPE.sub(b"", attributes)
    text = FORMULE.encode()
    return b'<%bc%b t="str">%b<%bv>%b</%bv>' % (prefix, attributes, formula, prefix, text, prefix)


def with_ods_marks(xml: bytes) -> bytes:
    """Return the content of an ODS workbook, with a marking text in each formula that has no stored value.
    Raises InvalidNative for a formula that fills several cells."""
    mark = f' office:value-type="string" office:string-value="{FORMULE}"'.encode()
    if b"table:formula" not in xml:
        return xml
    if _MATRIX.search(xml):
        raise _matrix()
    return _ODS.sub(lambda cell: cell[0] + mark, xml)


def _matrix() -> InvalidNative:
    return InvalidNative(f"formule sur plusieurs cellules, sans valeur enregistrée : {_REMEDY}")


def named(values: Sequence[Any], row: int) -> Sequence[Any]:
    """Return the values of a row. Where a formula has no value, the text that marks it gets the cell's name,
    such as B4."""
    if FORMULE not in values:
        return values
    return [f"{FORMULE} {letters(at)}{row}" if each == FORMULE else each for at, each in enumerate(values)]


def refuse_formula(cell: str) -> None:
    """Check a cell of a workbook. Raises Illisible if the cell is a formula whose value is not stored."""
    if cell.startswith(FORMULE):
        name = cell.removeprefix(FORMULE).strip()
        raise Illisible(
            "formule_sans_valeur",
            f"la formule de la cellule {name} n'a pas de valeur enregistrée : écrivez la valeur, ou {_REMEDY}",
        )
