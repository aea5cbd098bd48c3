"""Deliveries and their lanes.

A lane is a partner × a subject: its deliveries go out one after the other. `pending` counts what waits,
`due_at` says when it may be claimed next (a claim moves it to the end of its lease), `token` fences a
holder that was overtaken. Tokens begin at the milliseconds of the lane's making, faster than claims can count: a
lane that was swept and made anew knows no holder of the old one.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql

DONE = "('livree', 'oubliee', 'classee')"
"""Deliveries of which nothing more will come."""
INTO_THEIR_LANES = """
    INSERT INTO lane AS l (partner, subject, pending, due_at, token)
    SELECT partner, subject, count(*), now(), CAST(extract(epoch FROM now()) * 1000 AS bigint)
    FROM added GROUP BY partner, subject ORDER BY partner, subject
    ON CONFLICT (partner, subject) DO UPDATE SET
        pending = l.pending + excluded.pending,
        due_at = CASE WHEN l.pending = 0 THEN now() ELSE l.due_at END
"""
"""What turns rows (partner, subject) of a query `added` into deliveries that wait in their lanes."""
_ADD = Sql(f"""
    WITH added AS (
        INSERT INTO delivery (id, partner, subject, event_id, subject_etat, etat)
        SELECT i, p, s, e, t, 'en_attente'
        FROM unnest(CAST(:ids AS uuid[]), CAST(:partners AS text[]), CAST(:subjects AS uuid[]), CAST(:events AS uuid[]),
                    CAST(:subject_etats AS text[])) WITH ORDINALITY AS d(i, p, s, e, t, n)
        ORDER BY n
        ON CONFLICT (id) DO NOTHING
        RETURNING partner, subject
    ){INTO_THEIR_LANES}""")
_CLAIM = Sql("""
    WITH due AS (
        SELECT l.place
        FROM unnest(CAST(:partners AS text[]), CAST(:permits AS int[])) AS p(partner, permits)
        CROSS JOIN LATERAL (
            SELECT ctid AS place FROM lane
            WHERE lane.partner = p.partner AND pending > 0 AND due_at <= now()
            ORDER BY due_at LIMIT p.permits FOR UPDATE SKIP LOCKED
        ) AS l
        LIMIT :total
    )
    UPDATE lane SET due_at = now() + make_interval(secs => p.lease), token = token + 1
    FROM unnest(CAST(:partners AS text[]), CAST(:leases AS float8[])) AS p(partner, lease)
    WHERE lane.ctid = ANY(ARRAY(SELECT place FROM due)) AND lane.partner = p.partner
    RETURNING lane.partner, lane.subject, lane.token, lane.attempts
""")
"""By the places of the rows that it has just locked: a join would read every lane of every partner, for PostgreSQL
cannot know how few are due. A row that moved meanwhile is left to the next claim."""
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
_LOCK = Sql("""
    SELECT FROM lane
    JOIN unnest(CAST(:partners AS text[]), CAST(:subjects AS uuid[])) AS l(partner, subject) USING (partner, subject)
    ORDER BY lane.partner, lane.subject FOR UPDATE OF lane
""")
_SETTLE = Sql("""
    WITH results AS (
        SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:subjects AS uuid[]), CAST(:tokens AS bigint[]),
                             CAST(:deliveries AS uuid[]), CAST(:etats AS text[]), CAST(:errors AS text[]))
               AS r(partner, subject, token, delivery, etat, error)
    ), ours AS (
        SELECT lane.partner, lane.subject, lane.token
        FROM lane JOIN (SELECT DISTINCT partner, subject, token FROM results) AS r USING (partner, subject)
        WHERE lane.token = r.token
    ), settled AS (
        UPDATE delivery SET etat = r.etat, error = r.error, attempts = delivery.attempts + 1, settled_at = now()
        FROM results r JOIN ours USING (partner, subject, token)
        WHERE delivery.id = r.delivery AND delivery.etat IN ('en_attente', 'en_vol')
        RETURNING delivery.id, delivery.partner, delivery.subject
    ), counted AS (
        UPDATE lane SET pending = lane.pending - s.number, attempts = 0
        FROM (SELECT partner, subject, count(*) AS number FROM settled GROUP BY partner, subject) AS s
        WHERE lane.partner = s.partner AND lane.subject = s.subject
    )
    SELECT id FROM settled
""")
_FREE = Sql("""
    WITH freed AS (
    UPDATE lane SET due_at = CASE WHEN pending = 0 THEN now() ELSE now() + make_interval(secs => l.wait) END,
                    attempts = CASE WHEN l.wait > 0 THEN attempts + 1 ELSE attempts END
    FROM unnest(CAST(:partners AS text[]), CAST(:subjects AS uuid[]), CAST(:tokens AS bigint[]),
                CAST(:waits AS float8[]), CAST(:tried AS uuid[])) AS l(partner, subject, token, wait, tried)
    WHERE lane.partner = l.partner AND lane.subject = l.subject AND lane.token = l.token
    RETURNING l.tried
    )
    UPDATE delivery SET etat = 'en_attente', attempts = attempts + 1 FROM freed
    WHERE delivery.id = freed.tried AND delivery.etat IN ('en_attente', 'en_vol')
""")
_DOUBT = Sql("""
    UPDATE delivery SET etat = 'en_vol'
    WHERE id IN (SELECT id FROM delivery WHERE etat = 'en_attente' ORDER BY created_at LIMIT 10000)
    RETURNING id
""")
_MARK = Sql("""
    WITH ours AS (
        SELECT m.delivery
        FROM unnest(CAST(:deliveries AS uuid[]), CAST(:partners AS text[]), CAST(:subjects AS uuid[]),
                    CAST(:tokens AS bigint[])) AS m(delivery, partner, subject, token)
        JOIN lane USING (partner, subject) WHERE lane.token = m.token
        ORDER BY lane.partner, lane.subject FOR UPDATE OF lane
    )
    UPDATE delivery SET etat = 'en_vol' FROM ours
    WHERE delivery.id = ours.delivery AND delivery.etat IN ('en_attente', 'en_vol') RETURNING delivery.id
""")
_SWEEP = Sql("""
    DELETE FROM lane WHERE ctid IN (
        SELECT ctid FROM lane WHERE pending = 0 AND due_at < now() - interval '1 minute'
        LIMIT 10000 FOR UPDATE SKIP LOCKED)
""")


class Owed(NamedTuple):
    """A delivery that is to be made."""

    id: UUID
    partner: str
    subject: UUID
    event: UUID
    subject_etat: str | None
    """Where its subject stood after its event: what its recipient may read of it, whenever it leaves."""


class LaneClaim(NamedTuple):
    """A lane that is ours until its lease ends."""

    partner: str
    subject: UUID
    token: int
    attempts: int


class Settled(NamedTuple):
    """What became of one delivery: `livree`, `deposee`, `refusee`, `incertaine`, `oubliee`."""

    claim: LaneClaim
    delivery: UUID
    etat: str
    error: str | None = None


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
        )


async def claim(
    connection: Connection, allowed: Sequence[tuple[str, int, float]], total: int
) -> list[LaneClaim]:
    """Claim due lanes, at most `total`: of each (partner, permits, lease in seconds) at most `permits`. The first
    partners are served first."""
    rows = await _CLAIM.all(
        connection,
        partners=[partner for partner, _, _ in allowed],
        permits=[permits for _, permits, _ in allowed],
        leases=[lease for _, _, lease in allowed],
        total=total,
    )
    return [LaneClaim(r.partner, r.subject, r.token, r.attempts) for r in rows]


async def waiting(connection: Connection, claims: Sequence[LaneClaim], limit: int) -> Sequence[Any]:
    """The first deliveries of each claimed lane, with their events."""
    return await _WAITING.all(
        connection,
        partners=[c.partner for c in claims],
        subjects=[c.subject for c in claims],
        limit=limit,
    )


async def lock(connection: Connection, claims: Sequence[LaneClaim]) -> None:
    """Lock lanes in the order in which everybody locks them, before some are settled and all are freed."""
    await _LOCK.run(connection, partners=[c.partner for c in claims], subjects=[c.subject for c in claims])


async def settle(connection: Connection, results: Sequence[Settled]) -> set[UUID]:
    """Write results whose lane, locked, is still ours. Returns the deliveries settled; the others were overtaken."""
    if not results:
        return set()
    rows = await _SETTLE.all(
        connection,
        partners=[r.claim.partner for r in results],
        subjects=[r.claim.subject for r in results],
        tokens=[r.claim.token for r in results],
        deliveries=[r.delivery for r in results],
        etats=[r.etat for r in results],
        errors=[r.error for r in results],
    )
    return {row.id for row in rows}


async def free(connection: Connection, lanes: Sequence[tuple[LaneClaim, float, UUID | None]]) -> None:
    """Give lanes back, each to be claimed again after so many seconds, and with the delivery whose attempt
    provably failed. Only that one waits again: what a crashed holder left as leaving stays so."""
    if lanes:
        await _FREE.run(
            connection,
            partners=[c.partner for c, _, _ in lanes],
            subjects=[c.subject for c, _, _ in lanes],
            tokens=[c.token for c, _, _ in lanes],
            waits=[wait for _, wait, _ in lanes],
            tried=[delivery for _, _, delivery in lanes],
        )


async def mark_in_flight(connection: Connection, leaving: Sequence[tuple[LaneClaim, UUID]]) -> set[UUID]:
    """Record that deliveries are about to be attempted; left out are those whose lane is no longer ours, and those that
    somebody has closed meanwhile."""
    rows = await _MARK.all(
        connection,
        deliveries=[delivery for _, delivery in leaving],
        partners=[claim.partner for claim, _ in leaving],
        subjects=[claim.subject for claim, _ in leaving],
        tokens=[claim.token for claim, _ in leaving],
    )
    return {row.id for row in rows}


async def doubt(connection: Connection) -> bool:
    """Of what waits, nobody knows any more whether it has left before: the class of each partner decides. So many at
    a time; False when there were none left."""
    return bool(await _DOUBT.column(connection))


async def sweep(connection: Connection) -> None:
    """Remove lanes that have been empty for a while."""
    await _SWEEP.run(connection)
