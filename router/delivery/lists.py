"""A reader's list of households ready for housing, as it may see it: whole, or what has changed since a number."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from adapters.cloudevents.json import data_of
from contracts.base import name_of
from contracts.partner import Partner
from router.delivery.rendering import Forgotten, Renderer, Sealed
from router.privacy.crosswalk import Names
from router.store import lists
from router.store.audit import record
from router.store.database import Database, Row

AT_ONCE = 50
"""Rows that are opened before other work of the process has its turn."""


class ReaderLists:
    """The lists of readers, rendered from the log each time: a forgotten household is forgotten here too."""

    def __init__(self, database: Database, renderer: Renderer) -> None:
        self._database = database
        self._renderer = renderer

    async def page(
        self, partner: Partner, since: int, point: int | None, after: int, most: int
    ) -> Mapping[str, Any] | None:
        """Return one page of a reader's list, behind the number `after`: the whole list where `since` is 0, else what
        has changed since that number. Pages of one question have one `point`, that of the first.

        Returns None where only the whole list helps: the changes behind its number are not all kept, or the tables
        went back and gave the number to another change.
        """
        async with self._database.transaction() as connection:
            await self._database.must_be_whole()
            known = await lists.point(connection, partner.id)
            at = known.last if point is None else point
            if at > known.last or since > at or 0 < since < known.whole_from:
                return None
            rows = await lists.page(connection, partner.id, max(since, after), at, most, whole=not since)
            sealed = [Sealed.of(row, partner) for row in rows]
            ciphers, names = await self._renderer.prepare(connection, sealed)
            await record(connection, partner.id, "liste.lire", str(at), {"lignes": len(rows)})
        lines: list[Mapping[str, Any]] = []
        for row, item in zip(rows, sealed, strict=True):
            lines.append(_line(row, item, ciphers, names))
            if len(lines) % AT_ONCE == 0:
                await asyncio.sleep(0)
        return {"point": at, "lignes": lines, "suivant": rows[-1].numero if len(rows) == most else None}


def _line(row: Row, item: Sealed, ciphers: Mapping[UUID, Any], names: Names) -> Mapping[str, Any]:
    """Return a household of a page. One that was forgotten leaves by its number alone."""
    numbers = {"numero": row.numero, "fiche": row.fiche}
    try:
        event = item.opened(ciphers, names)
    except Forgotten:
        return {**numbers, "presente": False, "type": None, "donnees": None}
    data = data_of(event.envelope, event.view)
    return {**numbers, "presente": not row.gone, "type": name_of(row.type), "donnees": data}
