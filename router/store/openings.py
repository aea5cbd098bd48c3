"""Stays that an accepted admission without the SIAO opens, while that admission is not applied yet.

The admission is an event of a place, and the events that follow are of the stay: the bus does not keep their order.
"""

from collections.abc import Collection
from uuid import UUID

from contracts.v1.suite import AdmissionDirecte
from router.store.sql import Connection, Sql

_OPENED = "CAST(convert_from(e.payload, 'UTF8')::jsonb -> 'clair' ->> 'orientation' AS uuid)"
OPENING = f"""
    SELECT {_OPENED} AS stay FROM event e JOIN outbox o ON o.event_id = e.id
    WHERE e.type = '{AdmissionDirecte.TYPE}' AND {_OPENED}
"""
"""Query for pending admissions. The stay that they open is to be compared at its end."""
_PENDING = Sql(f"{OPENING} = ANY(CAST(:stays AS uuid[]))")


async def pending(connection: Connection, stays: Collection[UUID]) -> set[UUID]:
    """Return those of these stays that a pending admission opens."""
    return {row.stay for row in await _PENDING.all(connection, stays=sorted(stays))}
