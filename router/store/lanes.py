"""Lanes: who may send to a partner about a subject.

A lane is a partner × a subject: its deliveries go out one after the other. `pending` counts those that wait, `due_at`
says when the lane may be claimed next. A claim moves `due_at` to the end of its lease and adds one to the fencing
token (the column `token`): who was overtaken writes nothing any more. `rested` is the token under which it was last
released: equal to `token` while nobody holds the lane.

An empty lane is removed after a minute: else one would stay for each partner and subject that ever was. A holder that
froze before that may wake up to a new lane of the same name, so a new lane's fencing token starts at the clock in
milliseconds (`deliveries`), above any token of a removed lane: a lane is claimed far less than once a millisecond.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Sql

_CLAIM = Sql("""
    WITH due AS (
        SELECT l.place
        FROM unnest(CAST(:partners AS text[]), CAST(:permits AS int[])) AS p(partner, permits)
        CROSS JOIN LATERAL (
            SELECT place FROM (
                SELECT ctid AS place FROM lane
                WHERE partner = p.partner AND NOT bulk AND pending > 0 AND due_at <= now()
                ORDER BY due_at LIMIT p.permits FOR UPDATE SKIP LOCKED
            ) AS small
            UNION ALL SELECT place FROM (
                SELECT ctid AS place FROM lane
                WHERE partner = p.partner AND bulk AND pending > 0 AND due_at <= now()
                ORDER BY due_at LIMIT p.permits FOR UPDATE SKIP LOCKED
            ) AS bulk
            LIMIT p.permits
        ) AS l
        LIMIT :total
    )
    UPDATE lane SET due_at = now() + make_interval(secs => p.lease), token = token + 1
    FROM unnest(CAST(:partners AS text[]), CAST(:leases AS float8[])) AS p(partner, lease)
    WHERE lane.ctid = ANY(ARRAY(SELECT place FROM due)) AND lane.partner = p.partner
    RETURNING lane.partner, lane.subject, lane.token, lane.attempts
""")
"""Updates by `ctid` the rows that it has just locked: PostgreSQL cannot know how few are due, and a join would read
every lane of every partner. A row that moved meanwhile is left to the next claim."""
_LOCK = Sql("""
    SELECT FROM lane
    JOIN unnest(CAST(:partners AS text[]), CAST(:subjects AS uuid[])) AS l(partner, subject) USING (partner, subject)
    ORDER BY lane.partner, lane.subject FOR UPDATE OF lane
""")
_SETTLE = Sql("""
    WITH results AS (
        SELECT * FROM unnest(CAST(:partners AS text[]), CAST(:subjects AS uuid[]), CAST(:tokens AS bigint[]),
                             CAST(:deliveries AS uuid[]), CAST(:etats AS text[]), CAST(:errors AS text[]),
                             CAST(:replies AS bytea[]))
               AS r(partner, subject, token, delivery, etat, error, reply)
    ), ours AS (
        SELECT lane.partner, lane.subject, lane.token
        FROM lane JOIN (SELECT DISTINCT partner, subject, token FROM results) AS r USING (partner, subject)
        WHERE lane.token = r.token
    ), settled AS (
        UPDATE delivery SET etat = r.etat, error = r.error, reply = r.reply, attempts = delivery.attempts + 1,
            settled_at = now()
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
_RELEASE = Sql("""
    WITH released AS (
    UPDATE lane SET due_at = CASE WHEN pending = 0 THEN now() ELSE now() + make_interval(secs => l.wait) END,
                    attempts = CASE WHEN l.wait > 0 THEN attempts + 1 ELSE attempts END, rested = lane.token
    FROM unnest(CAST(:partners AS text[]), CAST(:subjects AS uuid[]), CAST(:tokens AS bigint[]),
                CAST(:waits AS float8[]), CAST(:tried AS uuid[]), CAST(:errors AS text[]), CAST(:replies AS bytea[]))
         AS l(partner, subject, token, wait, tried, error, reply)
    WHERE lane.partner = l.partner AND lane.subject = l.subject AND lane.token = l.token
    RETURNING l.tried, l.error, l.reply
    )
    UPDATE delivery SET etat = 'en_attente', attempts = attempts + 1, error = released.error, reply = released.reply
    FROM released
    WHERE delivery.id = released.tried AND delivery.etat IN ('en_attente', 'en_vol')
""")
_TRY = Sql("""
    WITH tried AS (
        UPDATE lane SET due_at = now()
        WHERE partner = :partner AND pending > 0 AND due_at > now() AND rested = token RETURNING subject
    ), asked AS (
        UPDATE contact SET asked_at = now() WHERE partner = :partner
    )
    SELECT count(*) AS number FROM tried
""")
"""A lane that somebody holds is due at the end of its lease, and left alone: its token has grown since it rested."""
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


class LaneClaim(NamedTuple):
    """A lane that is ours until its lease ends, or somebody else has a greater fencing token."""

    partner: str
    subject: UUID
    fencing_token: int
    attempts: int


class Settled(NamedTuple):
    """What became of one delivery: `livree`, `deposee`, `refusee`, `incertaine`, `oubliee`."""

    claim: LaneClaim
    delivery: UUID
    etat: str
    error: str | None = None
    reply: bytes | None = None
    """What the partner answered, sealed."""


class Released(NamedTuple):
    """A claim that ends: how many seconds the lane rests, and for which delivery that provably failed, why."""

    claim: LaneClaim
    wait_s: float = 0.0
    tried: UUID | None = None
    error: str | None = None
    reply: bytes | None = None


async def claim(
    connection: Connection, allowed: Sequence[tuple[str, int, float]], total: int
) -> list[LaneClaim]:
    """Claim due lanes, at most `total`: of each (partner, permits, lease in seconds) at most `permits`, those of bulk
    last. The first partners are served first."""
    rows = await _CLAIM.all(
        connection,
        partners=[partner for partner, _, _ in allowed],
        permits=[permits for _, permits, _ in allowed],
        leases=[lease for _, _, lease in allowed],
        total=total,
    )
    return [LaneClaim(r.partner, r.subject, r.token, r.attempts) for r in rows]


async def lock(connection: Connection, claims: Sequence[LaneClaim]) -> None:
    """Lock lanes, before some are settled and all are released; everybody locks them in the same order."""
    await _LOCK.run(connection, partners=[c.partner for c in claims], subjects=[c.subject for c in claims])


async def settle(connection: Connection, results: Sequence[Settled]) -> set[UUID]:
    """Write the results of lanes that are still ours; `lock` comes first. Returns the deliveries that were settled: of
    the others the claim was overtaken."""
    if not results:
        return set()
    rows = await _SETTLE.all(
        connection,
        partners=[r.claim.partner for r in results],
        subjects=[r.claim.subject for r in results],
        tokens=[r.claim.fencing_token for r in results],
        deliveries=[r.delivery for r in results],
        etats=[r.etat for r in results],
        errors=[r.error for r in results],
        replies=[r.reply for r in results],
    )
    return {row.id for row in rows}


async def release(connection: Connection, released: Sequence[Released]) -> None:
    """End claims that are still ours. The delivery that failed waits again; one that a crashed holder left in flight
    stays so."""
    if released:
        await _RELEASE.run(
            connection,
            partners=[r.claim.partner for r in released],
            subjects=[r.claim.subject for r in released],
            tokens=[r.claim.fencing_token for r in released],
            waits=[r.wait_s for r in released],
            tried=[r.tried for r in released],
            errors=[r.error for r in released],
            replies=[r.reply for r in released],
        )


async def try_now(connection: Connection, partner: str) -> int:
    """End the rest of every lane of a partner that nobody holds, and ask for its breaker to be passed over once; how
    many lanes rested."""
    return int((await _TRY.one(connection, partner=partner)).number)


async def mark_in_flight(connection: Connection, leaving: Sequence[tuple[LaneClaim, UUID]]) -> set[UUID]:
    """Record that deliveries are about to be attempted. Returns those that may be: not where the claim was overtaken,
    nor where somebody has closed the delivery."""
    rows = await _MARK.all(
        connection,
        deliveries=[delivery for _, delivery in leaving],
        partners=[claim.partner for claim, _ in leaving],
        subjects=[claim.subject for claim, _ in leaving],
        tokens=[claim.fencing_token for claim, _ in leaving],
    )
    return {row.id for row in rows}


async def sweep(connection: Connection) -> None:
    """Remove lanes that have been empty for a while."""
    await _SWEEP.run(connection)
