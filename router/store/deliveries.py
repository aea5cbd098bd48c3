"""Deliveries: what partners are owed, in order, each waiting in its lane (`lanes`)."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from router.store.lanes import LaneClaim
from router.store.sql import Connection, Sql

DONE = "('livree', 'oubliee', 'classee')"
"""Deliveries of which nothing more will come."""
INTO_THEIR_LANES = """
    INSERT INTO lane AS l (partner, subject, pending, due_at, token, bulk)
    SELECT partner, subject, count(*), now(), CAST(extract(epoch FROM now()) * 1000 AS bigint), bool_and(bulk)
    FROM added GROUP BY partner, subject ORDER BY partner, subject
    ON CONFLICT (partner, subject) DO UPDATE SET
        pending = l.pending + excluded.pending,
        due_at = CASE WHEN l.pending = 0 THEN now() ELSE l.due_at END,
        bulk = excluded.bulk AND (l.bulk OR l.pending = 0)
"""
"""What turns rows (partner, subject, bulk) of a query `added` into deliveries that wait in their lanes. A lane is bulk
while all that waits in it is: one small message takes along what it waits behind."""
_ADD = Sql(f"""
    WITH owed AS (
        SELECT * FROM unnest(
            CAST(:ids AS uuid[]), CAST(:partners AS text[]), CAST(:subjects AS uuid[]), CAST(:events AS uuid[]),
            CAST(:subject_etats AS text[]), CAST(:bulks AS boolean[])
        ) WITH ORDINALITY AS d(id, partner, subject, event_id, subject_etat, bulk, n)
    ), recorded AS (
        INSERT INTO delivery (id, partner, subject, event_id, subject_etat, etat)
        SELECT id, partner, subject, event_id, subject_etat, 'en_attente' FROM owed ORDER BY n
        ON CONFLICT (id) DO NOTHING
        RETURNING id
    ), added AS (
        SELECT partner, subject, bulk FROM owed JOIN recorded USING (id)
    ){INTO_THEIR_LANES}""")
_WAITING = Sql("""
    SELECT d.id, d.partner, d.subject, d.event_id, d.etat, e.type, e.source, e.territoire, e.time, e.correlation,
           e.causation, e.trace, e.payload, COALESCE(d.subject_etat, s.etat) AS subject_etat
    FROM unnest(CAST(:partners AS text[]), CAST(:subjects AS uuid[])) AS l(partner, subject)
    CROSS JOIN LATERAL (
        SELECT id, partner, subject, event_id, subject_etat, etat, seq FROM delivery
        WHERE delivery.partner = l.partner AND delivery.subject = l.subject AND etat IN ('en_attente', 'en_vol')
        ORDER BY seq LIMIT :limit
    ) AS d
    JOIN event e ON e.id = d.event_id
    LEFT JOIN subject s ON s.id = d.subject
    ORDER BY d.seq
""")
_DOUBT = Sql("""
    UPDATE delivery SET etat = 'en_vol'
    WHERE id IN (SELECT id FROM delivery WHERE etat = 'en_attente' ORDER BY partner, created_at LIMIT 10000)
    RETURNING id
""")


class Owed(NamedTuple):
    """A delivery that is to be made."""

    id: UUID
    partner: str
    subject: UUID
    event: UUID
    subject_etat: str | None
    """Where its subject stood after its event: what its recipient may read of it, whenever it leaves."""
    bulk: bool = False
    """Whether it gives way to what follows from small messages."""


async def add(connection: Connection, deliveries: Sequence[Owed]) -> None:
    """Record deliveries as waiting, in order; those that are known are left alone."""
    if deliveries:
        await _ADD.run(
            connection,
            ids=[d.id for d in deliveries],
            partners=[d.partner for d in deliveries],
            subjects=[d.subject for d in deliveries],
            events=[d.event for d in deliveries],
            subject_etats=[d.subject_etat for d in deliveries],
            bulks=[d.bulk for d in deliveries],
        )


async def waiting(connection: Connection, claims: Sequence[LaneClaim], limit: int) -> Sequence[Any]:
    """The first deliveries of each claimed lane, with their events."""
    return await _WAITING.all(
        connection,
        partners=[c.partner for c in claims],
        subjects=[c.subject for c in claims],
        limit=limit,
    )


async def doubt(connection: Connection) -> bool:
    """After a restore nobody knows whether a waiting delivery has left: mark it as in flight, and the partner's class
    decides. Some thousands at a time; False when there were none left."""
    return bool(await _DOUBT.column(connection))
