"""Turn the cells of a workbook into the text that a CSV file would hold, without guessing what is meant.

Workbooks store every number as a float: the FINESS 750012345 comes as 750012345.0.
"""

from datetime import date, datetime, time
from typing import Self

LARGEST_EXACT = 2**53
"""Limit on the integers that a spreadsheet stores exactly. An identifier beyond it is refused."""


Valeur = str | int | float | date


class CelluleTypee(str):
    """Text of a cell that also carries, in `valeur`, the value from which the text was made, such as a number
    or a day."""

    __slots__ = ("valeur",)
    valeur: Valeur

    def __new__(cls, valeur: Valeur) -> Self:
        made = super().__new__(cls, text_of(valeur))
        made.valeur = valeur.valeur if isinstance(valeur, CelluleTypee) else valeur
        return made


def text_of(value: object) -> str:
    """Return the text of a cell; "" for an empty cell."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "OUI" if value else "NON"
    if isinstance(value, float):
        return str(int(value)) if is_whole(value) else repr(value)
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def is_whole(value: float) -> bool:
    """Return whether a number is an integer that a float holds without rounding: below 2**53 in absolute
    value."""
    return value.is_integer() and abs(value) < LARGEST_EXACT


def letters(column: int) -> str:
    """Return the letters of a column: A for 0, AA for 26."""
    before, letter = divmod(column, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + letter)
