"""Write one partner's list of households ready for housing: the whole list, or only its changes after a given
number. The changes of each list are numbered."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from adapters.cloudevents.json import data_of
from contracts.base import name_of
from contracts.envelope import Event
from contracts.partner import Partner
from contracts.ports import ListeEntiere, Native
from contracts.reference.territoires import departement_of
from contracts.v1.pret_logement import ListeDemandee
from router.delivery.rendering import Forgotten, KeysAndIds, Sealed, rendered_list, view_of
from router.domain.partners import Registry
from router.domain.rulebooks.pret_logement import SUIVIS
from router.privacy.crosswalk import Names
from router.store import lists
from router.store.audit import record
from router.store.database import Connection, Database, Row
from router.store.lists import Cursor

OF_A_LIST = ListeDemandee.TYPE
"""Type of the events that request a partner's whole list. Each delivery of such an event is one part of the
list."""
COUNTED_FOR_SECONDS = 60.0
AT_ONCE = 50
"""Number of households decrypted at a stretch. After them, the event loop may do other work."""


class ReaderLists:
    """Lists of households ready for housing, as their readers get them by HTTP: made from the event log at each
    request. Of a forgotten household, a list shows no data but the number of the change and the household's own
    number in the list."""

    def __init__(self, database: Database, keys_and_ids: KeysAndIds) -> None:
        self._database = database
        self._keys_and_ids = keys_and_ids

    async def page(self, partner: Partner, cursor: Cursor, most: int) -> Mapping[str, Any] | None:
        """Return one page of the partner's list as JSON data: at most `most` changes from `cursor` on. Return
        None if the hub no longer knows all changes since the cursor, or if the cursor lies after the last change
        that it knows: the partner must fetch the whole list again. Raises BusUnavailable while a restored database
        lacks events."""
        since, after = cursor.since, max(cursor.since, cursor.after)
        async with self._database.transaction() as connection:
            await self._database.must_be_whole()
            known = await lists.point(connection, partner.id)
            at = known.last if cursor.point is None else cursor.point
            if at > known.last or since > at or 0 < since < known.whole_from:
                return None
            rows = await lists.page(connection, partner.id, after, at, most, whole=not since)
            sealed = [Sealed.of(row, partner) for row in rows]
            ciphers, names = await self._keys_and_ids.load(connection, sealed)
            await record(connection, partner.id, "liste.lire", str(at), {"lignes": len(rows)})
        lines: list[Mapping[str, Any]] = []
        for row, item in zip(rows, sealed, strict=True):
            lines.append(_line(row, item, ciphers, names))
            if len(lines) % AT_ONCE == 0:
                await asyncio.sleep(0)
        return {"point": at, "lignes": lines, "suivant": rows[-1].numero if len(rows) == most else None}


class Figures:
    """Numbers of households ready for housing by département and state, for partners that may not see the
    households themselves. The numbers may be up to `COUNTED_FOR_SECONDS` old."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._counting = asyncio.Lock()
        self._counted: Mapping[tuple[str, str], int] = {}
        self._counted_at: datetime | None = None

    async def of(self, partner: Partner) -> Mapping[str, Any]:
        """Return the numbers of households ready for housing in each of the partner's départements, with the
        moment of the count. For a partner in a sandbox, all numbers are zero."""
        async with self._counting:
            at = self._counted_at
            if at is None or (datetime.now(UTC) - at).total_seconds() > COUNTED_FOR_SECONDS:
                at = await self._count()
        numbers = {} if partner.bac_a_sable else self._counted
        there = sorted({departement_of(each) or each for each in partner.territoires})
        return {
            "le": at,
            "departements": [
                {
                    "departement": departement,
                    "menages": {str(etat): numbers.get((departement, etat), 0) for etat in SUIVIS},
                }
                for departement in there
            ],
        }

    async def _count(self) -> datetime:
        at = datetime.now(UTC)
        async with self._database.transaction() as connection:
            rows = await lists.counted(connection, SUIVIS)
        self._counted = {(row.departement, row.etat): row.number for row in rows}
        self._counted_at = at
        return at


class PartOfAList(NamedTuple):
    """One part of a partner's whole list of households ready for housing. Each part is one delivery."""

    delivery: UUID
    place: ListeEntiere
    lines: Sequence[Sealed]

    def render(self, partner: Partner, ciphers: Mapping[UUID, Any], names: Names) -> Native:
        """Return the bytes of this part, without forgotten households. If no household is left, most dialects
        write an empty part. A dialect that writes one household in each delivery cannot: Forgotten is then
        raised. `ciphers` has, by holder, what decrypts the households' data. `names` has the ids by which the
        partner knows the households. Raises the adapter's errors."""
        events: list[Event] = []
        for line in self.lines:
            with suppress(Forgotten):
                events.append(line.opened(ciphers, names))
        view = view_of(partner, self.lines, names, liste=self.place)
        return rendered_list(events, view, self.delivery)


async def parts_of_lists(
    connection: Connection, rows: Sequence[Row], registry: Registry
) -> Mapping[UUID, PartOfAList]:
    """Return, by delivery id, the parts of whole lists that the deliveries in `rows` contain. A partner's whole
    list of households ready for housing is cut into parts, and each part is sent as one delivery. A delivery
    that contains no such part is left out."""
    wanted = {row.id: registry.everybody[row.partner] for row in rows if row.type == OF_A_LIST}
    if not wanted:
        return {}
    places, lines = await lists.parts(connection, wanted)
    sealed = defaultdict[UUID, list[Sealed]](list)
    for line in lines:
        sealed[line.delivery].append(Sealed.of(line, wanted[line.delivery]))
    return {
        row.id: PartOfAList(
            row.id, ListeEntiere(row.event_id, row.point, row.part, row.parts), sealed[row.id]
        )
        for row in places
    }


def _line(row: Row, item: Sealed, ciphers: Mapping[UUID, Any], names: Names) -> Mapping[str, Any]:
    numbers = {"numero": row.numero, "fiche": row.fiche}
    try:
        event = item.opened(ciphers, names)
    except Forgotten:
        return {**numbers, "presente": False, "type": None, "donnees": None}
    data = data_of(event, view_of(item.partner, [item], names))
    return {**numbers, "presente": not row.gone, "type": name_of(row.type), "donnees": data}
