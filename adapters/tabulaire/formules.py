"""Mark formulas without a stored value. Some programs write formulas and do not calculate them.

Without a mark, such a cell would be read as empty. The mark is the text `FORMULE`: the hub refuses the row, and
names the cell.
"""

import re
from collections.abc import Sequence
from typing import Any

from adapters.rejets import Illisible
from adapters.tabulaire.cellules import letters
from contracts.errors import InvalidNative

FORMULE = "#FORMULE!"
"""Text that the hub puts into a cell with a formula and no stored value. The cell's name follows it."""
_REMEDY = "ouvrez le classeur dans un tableur, enregistrez-le et renvoyez-le"

_XLSX = re.compile(
    rb"<((?:[^\s<>/:\"'=]+:)?)c(\s[^<>]*)?(?<!/)>\s*+"
    rb"(<\1f(?:\s[^<>]*)?(?:/>|>[^<]*</\1f\s*+>))\s*+"
    rb"(<\1v\s*+/>|<\1v(?:\s[^<>]*)?>\s*+</\1v\s*+>)?+(?=\s*+</\1c\s*+>)"
)
"""Pattern of a cell in XLSX with a formula and no value. Possessive quantifiers keep runs of spaces from
being read twice."""
_TYPE = re.compile(rb"\st\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_SEVERAL = re.compile(rb"^[^>]*\sref\s*=\s*[\"'][A-Z]+[0-9]+:")
_SHARED = re.compile(rb"^[^>]*\st\s*=\s*[\"']shared[\"']")
_ODS = re.compile(
    rb"<table:(?:covered-)?table-cell(?=[^<>]*\stable:formula\s*=)(?![^<>]*\soffice:value-type\s*=)"
)
"""Pattern of a cell in ODS with a formula and no value."""
_MATRIX = re.compile(
    _ODS.pattern + rb"(?=[^<>]*\stable:number-matrix-(?:columns|rows)-spanned\s*=\s*[\"'](?!1[\"']))"
)
"""Pattern of a cell in ODS with a formula that fills several cells, and no value."""


def with_xlsx_marks(xml: bytes) -> bytes:
    """Write `#FORMULE!` into each cell of an XLSX sheet that has a formula and no stored value. Raises
    InvalidNative if one such formula fills several cells."""
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
    """Write `#FORMULE!` into each cell of an ODS workbook that has a formula and no stored value. Raises
    InvalidNative if one such formula fills several cells."""
    mark = f' office:value-type="string" office:string-value="{FORMULE}"'.encode()
    if b"table:formula" not in xml:
        return xml
    if _MATRIX.search(xml):
        raise _matrix()
    return _ODS.sub(lambda cell: cell[0] + mark, xml)


def _matrix() -> InvalidNative:
    return InvalidNative(f"formule sur plusieurs cellules, sans valeur enregistrée : {_REMEDY}")


def named(values: Sequence[Any], row: int) -> Sequence[Any]:
    """Return the values of row number `row`. Where the text `#FORMULE!` stands for a formula without a stored
    value, add the name of the cell, such as B4, after the text."""
    if FORMULE not in values:
        return values
    return [f"{FORMULE} {letters(at)}{row}" if each == FORMULE else each for at, each in enumerate(values)]


def refuse_formula(cell: str) -> None:
    """Raise Illisible for a cell with `#FORMULE!`, the text that the hub writes for a formula without a
    stored value. The cell's name follows the text (`#FORMULE! B4`), and the error repeats this name."""
    if cell.startswith(FORMULE):
        name = cell.removeprefix(FORMULE).strip()
        raise Illisible(
            "formule_sans_valeur",
            f"la formule de la cellule {name} n'a pas de valeur enregistrée : écrivez la valeur, ou {_REMEDY}",
        )
