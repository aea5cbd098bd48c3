"""Lists as CSV, for a spreadsheet."""

import asyncio
import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from contracts.errors import BusUnavailable
from ops.status.quantities import local

EXPORTED = 10_000
"""Limit on the rows of one export."""
Export = Annotated[bool, Query(alias="csv")]
"""Whether a list is requested as CSV, instead of as a page."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def csv_of(name: str, rows: Iterable[Mapping[str, object]], *, known: bool = True) -> Response:
    """Return rows of equal columns as a CSV file. Its name says if there may be more than `EXPORTED` rows.

    Made in a thread, because so many rows would hold the event loop. Raises BusUnavailable if the rows are not
    `known`: an empty file would say that there are none.
    """
    if not known:
        raise BusUnavailable("inconnu : la base n'a pas répondu ; redemandez ce fichier dans un instant")
    return await asyncio.to_thread(_written, name, rows)


def _written(name: str, rows: Iterable[Mapping[str, object]]) -> Response:
    listed = list(rows)
    text = io.StringIO()
    written = csv.DictWriter(text, list(listed[0]) if listed else [], delimiter=";")
    written.writeheader()
    written.writerows({column: _cell(value) for column, value in row.items()} for row in listed)
    more = f"-les-{EXPORTED}-premieres" if len(listed) == EXPORTED else ""
    headers = {"Content-Disposition": f'attachment; filename="{name}{more}.csv"'}
    return Response("\ufeff" + text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> object:
    """Write a value so that no spreadsheet takes it for a formula."""
    if isinstance(value, datetime):
        return local(value).isoformat(" ", "seconds")
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
