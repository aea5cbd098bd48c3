"""Find stays that the hub does not know yet, because the admission that opens them is not yet applied.

The admission of a household without the SIAO is an event of the place. Later messages about the stay are
events of the stay. Kafka keeps no order between events of the place and events of the stay.
"""

from collections.abc import Collection
from uuid import UUID

from contracts.v1.suite import AdmissionDirecte
from router.store.sql import Connection, Sql


def _opened(waiting: str) -> str:
    return f"""opened AS MATERIALIZED (
    SELECT o.partner, o.seq, CAST(convert_from(e.payload, 'UTF8')::jsonb -> 'clair' ->> 'orientation' AS uuid) AS stay
    FROM ({waiting}) AS o JOIN event e ON e.id = o.event_id
    WHERE e.type = '{AdmissionDirecte.TYPE}' AND o.partner = ANY(CAST(:senders AS text[]))
)"""


_PENDING = "SELECT event_id, partner, seq FROM outbox WHERE shard >= 0"
_WAITING = """
    SELECT event_id, partner, seq FROM outbox
    UNION ALL SELECT event_id, partner, NULL FROM quarantine WHERE etat IN ('ouverte', 'rejouee')
"""
OPENED = _opened(_WAITING)
"""Query for the stays that are not yet opened, because their admission is not yet applied. Only admissions
that the partners `:senders` have sent count."""
_TO_COME = Sql(f"""
    WITH {_opened(_PENDING)}
    SELECT DISTINCT stay
    FROM unnest(CAST(:stays AS uuid[]), CAST(:senders AS text[]), CAST(:seqs AS bigint[])) AS asked(stay, sender, seq)
    JOIN opened USING (stay) WHERE opened.partner = asked.sender AND opened.seq < asked.seq
""")


async def to_come(connection: Connection, asked: Collection[tuple[UUID, str, int]]) -> set[UUID]:
    """Return the stays in `asked` that a pending admission without the SIAO will open. `asked` has, for each event
    that names a stay, (stay, sender, sequence number in the log). An admission counts only if it has the same
    sender as this event, comes before the event in the log, and is not parked."""
    stays, senders, seqs = zip(*asked, strict=True)
    return {row.stay for row in await _TO_COME.all(connection, stays=stays, senders=senders, seqs=seqs)}
