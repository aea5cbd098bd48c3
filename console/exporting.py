"""Export of lists as CSV, for a spreadsheet."""

import asyncio
import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeVar

from fastapi import Response

from contracts.errors import BusUnavailable
from ops.status.quantities import local

EXPORTED = 10_000
"""Limit on the rows of one export."""
T = TypeVar("T")
Columns = Mapping[str, Callable[[T], object]]
"""Columns of an exported list: the title of each, and the function that returns its value for a row."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def csv_of(name: str, columns: Columns[T], rows: Iterable[T], *, known: bool = True) -> Response:
    """Return the rows as a CSV file with a header. At most `EXPORTED` rows are written; if more may exist,
    the file name says so.

    `known` is False if the database did not return the rows. Raises BusUnavailable then, because an empty
    file would mean that there are no rows.
    """
    if not known:
        raise BusUnavailable("inconnu : la base n'a pas répondu ; redemandez ce fichier dans un instant")
    return await asyncio.to_thread(_written, name, columns, rows)


def _written(name: str, columns: Columns[T], rows: Iterable[T]) -> Response:
    listed = list(islice(rows, EXPORTED))
    text = io.StringIO()
    written = csv.writer(text, delimiter=";")
    written.writerow(columns)
    written.writerows([_cell(value(row)) for value in columns.values()] for row in listed)
    more = f"-les-{EXPORTED}-premieres" if len(listed) >= EXPORTED else ""
    headers = {"Content-Disposition": f'attachment; filename="{name}{more}.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> object:
    """Return a value as it is written to a CSV file for a French spreadsheet. A moment is written in French form,
    so that it is read as a date. A text that would be read as a formula gets a leading apostrophe. Other
    values stay as they are."""
    if isinstance(value, datetime):
        return f"{local(value):%d/%m/%Y %H:%M:%S}"
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
