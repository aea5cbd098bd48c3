"""Export lists as CSV files for a spreadsheet."""

import asyncio
import csv
import io
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeVar

from fastapi import Response

from adapters.tabulaire.ecriture import harmless
from contracts.errors import BusUnavailable
from ops.status.quantities import local

EXPORTED = 10_000
"""Maximum number of rows in a file."""
T = TypeVar("T")
Columns = Mapping[str, Callable[[T], object]]
"""Title of each column, with the function that gives its value."""


async def csv_of(name: str, columns: Columns[T], rows: Iterable[T], *, known: bool = True) -> Response:
    """Return the rows as a CSV file, at most 10,000 rows (`EXPORTED`). If the file reaches this limit, its
    name says that it has only the first rows. `known`: whether the rows could be read. Raises BusUnavailable
    if they could not, because an empty file would wrongly say that there are none."""
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
    """Return the value to write: a moment in local time, a text that looks like a formula behind an apostrophe,
    anything else unchanged."""
    if isinstance(value, datetime):
        return f"{local(value):%d/%m/%Y %H:%M:%S}"
    return harmless(value) if isinstance(value, str) else value
