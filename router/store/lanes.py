"""Store lanes. A lane has the deliveries to one partner about one subject. One process at a time sends them,
one after the other.

In the table `lane`, `pending` is the number of waiting deliveries, and `due_at` the moment from which the
lane may be claimed. A claim sets `due_at` to the end of its lease and increases the fencing token (`token`):
a process with an older token can no longer write. `rested` is the token of the last release. It equals
`token` from this release until the next claim.

A lane that has been empty for a minute is deleted. The token of a new lane begins at the time in
milliseconds, which is above any token of a deleted lane: a process that froze with a claim on the deleted
lane cannot write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.envelope import Attributes
from router.domain.audit_chain import DELIVERED
from router.store import log
from router.store.sql import Connection, Row, Sql

MERGED = "(SELECT siao FROM succession)"
"""Query for the SIAO that have merged into another. Nothing is delivered to them any more."""
_LONGEST_DUE = f"""
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
        WHERE p.partner NOT IN {MERGED}
        LIMIT :total
"""
_NAMED = f"""
        SELECT ctid AS place FROM lane
        WHERE partner = ANY(CAST(:partners AS text[])) AND subject = ANY(CAST(:subjects AS uuid[]))
          AND partner NOT IN {MERGED} AND pending > 0 AND due_at <= now()
        FOR UPDATE SKIP LOCKED
"""


def _claiming(due: str, order: str) -> Sql:
    return Sql(f"""
    WITH due AS ({due}), claimed AS (
        UPDATE lane SET due_at = now() + make_interval(secs => p.lease), token = token + 1,
            held_by = CAST(:process AS text) || ' ' || (token + 1)
        FROM unnest(CAST(:partners AS text[]), CAST(:leases AS float8[])) AS p(partner, lease)
        WHERE lane.ctid = ANY(ARRAY(SELECT place FROM due)) AND lane.partner = p.partner
        RETURNING lane.partner, lane.subject, lane.token, lane.attempts
    )
    SELECT c.partner, c.subject, c.token, c.attempts, d.*, COALESCE(d.subject_etat_then, s.etat) AS subject_etat,
           s.menage, k.*, true AS committed
    FROM claimed AS c
    LEFT JOIN LATERAL (
        SELECT w.*, e.type, e.source, e.territoire, e.time, e.correlation, e.causation, e.trace, e.payload
        FROM (
            SELECT id, event_id, etat, seq, subject_etat AS subject_etat_then, numero, fiche, label
            FROM delivery
            WHERE subject = c.subject AND partner || '' = c.partner AND etat IN ('en_attente', 'en_vol')
            ORDER BY {order} LIMIT :limit
        ) AS w CROSS JOIN LATERAL (SELECT * FROM event WHERE event.id = w.event_id LIMIT 1) AS e
    ) AS d ON true
    LEFT JOIN LATERAL (SELECT etat, menage FROM subject WHERE subject.id = c.subject LIMIT 1) AS s ON true
    LEFT JOIN LATERAL (SELECT holder, wrapped, master FROM holder_key WHERE holder = s.menage LIMIT 1) AS k ON true
    ORDER BY {order}
""")


_CLAIM = _claiming(_LONGEST_DUE, "seq")
_CLAIM_NAMED = _claiming(_NAMED, "id <> ALL(CAST(:first AS uuid[])), seq")
# As in all statements, lanes are locked before deliveries. Between both, a partner's mailbox is locked until the
# commit: so its deposits are committed in the order of their numbers.
_FINISH = f"""
    WITH ended AS (
        SELECT * FROM unnest(CAST(:lane_partners AS text[]), CAST(:lane_subjects AS uuid[]), CAST(:tokens AS bigint[]),
                             CAST(:waits AS float8[]), CAST(:tried AS uuid[]), CAST(:doubts AS boolean[]),
                             CAST(:whys AS text[]), CAST(:last_replies AS bytea[]))
                      WITH ORDINALITY AS e(partner, subject, token, wait, tried, in_doubt, why, reply, n)
    ), ours AS (
        SELECT e.* FROM ended e JOIN lane USING (partner, subject) WHERE lane.token = e.token
        ORDER BY lane.partner, lane.subject FOR UPDATE OF lane
    ), deposits AS (
        INSERT INTO mailbox AS m (partner, deposits)
        SELECT DISTINCT partner, 1 FROM ours WHERE partner = ANY(CAST(:boxes AS text[])) ORDER BY partner
        ON CONFLICT (partner) DO UPDATE SET deposits = m.deposits + 1
        RETURNING partner, deposits AS number
    ), settled AS (
        UPDATE delivery SET etat = r.etat, error = r.error, reply = r.reply, attempts = delivery.attempts + 1,
            settled_at = now(), nonce = r.nonce, in_lot = r.lot, deposit = COALESCE(deposits.number, 0)
        FROM unnest(CAST(:lanes AS int[]), CAST(:deliveries AS uuid[]), CAST(:etats AS text[]), CAST(:errors AS text[]),
                    CAST(:replies AS bytea[]), CAST(:nonces AS bytea[]), CAST(:digests AS text[]),
                    CAST(:lots AS uuid[]), CAST(:sizes AS int[]))
             AS r(n, delivery, etat, error, reply, nonce, digest, lot, size)
        JOIN ours USING (n) LEFT JOIN deposits USING (partner)
        WHERE delivery.id = r.delivery AND delivery.etat IN ('en_attente', 'en_vol')
        RETURNING delivery.id, delivery.partner, r.n, r.digest, r.lot, r.size
    ), audited AS (
        INSERT INTO audit (actor, action, object, detail)
        SELECT partner, '{DELIVERED}', CAST(id AS text),
               jsonb_strip_nulls(jsonb_build_object('empreinte', digest, 'lot', lot, 'lignes', size))
        FROM settled WHERE digest IS NOT NULL
    ), failed AS (
        UPDATE delivery SET etat = CASE WHEN ours.in_doubt THEN 'en_vol' ELSE 'en_attente' END,
            attempts = attempts + 1, error = ours.why, reply = ours.reply
        FROM ours WHERE delivery.id = ours.tried AND delivery.etat IN ('en_attente', 'en_vol')
    ), released AS (
        UPDATE lane SET
            pending = lane.pending - l.done,
            attempts = CASE WHEN l.done > 0 THEN 0 ELSE lane.attempts END + CASE WHEN l.wait > 0 THEN 1 ELSE 0 END,
            due_at = CASE WHEN lane.pending = l.done THEN now() ELSE now() + make_interval(secs => l.wait) END,
            rested = lane.token
        FROM (SELECT ours.*, (SELECT count(*) FROM settled WHERE settled.n = ours.n) AS done FROM ours) AS l
        WHERE lane.partner = l.partner AND lane.subject = l.subject
        RETURNING lane.pending > 0 AND l.wait = 0 AS more
    )
"""
_RESULTS = "SELECT ARRAY(SELECT id FROM settled) AS written, COALESCE(bool_or(more), false) AS more"
_FINISHED = Sql(f"{_FINISH} {_RESULTS} FROM released")
_FINISHED_WITH_RECEIPTS = Sql(f"""{_FINISH}, rows AS (
        SELECT r.* FROM ({log.ROWS}) AS r
        JOIN unnest(CAST(:proven AS uuid[])) WITH ORDINALITY AS p(delivery, n) USING (n)
        JOIN settled ON settled.id = p.delivery
    ), appended AS ({log.APPENDED}), pending AS ({log.MADE_PENDING})
    {_RESULTS}, (SELECT pg_notify(:channel, '') FROM pending LIMIT 1) FROM released""")
# `token` differs from `rested` while a process has claimed the lane. Such a lane is left unchanged.
_TRY = Sql("""
    WITH tried AS (
        UPDATE lane SET due_at = now()
        WHERE partner = :partner AND pending > 0 AND due_at > now() AND rested = token RETURNING subject
    ), asked AS (
        UPDATE contact SET asked_at = now() WHERE partner = :partner
    )
    SELECT count(*) AS number FROM tried
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
    WITH swept AS (
        DELETE FROM lane WHERE ctid IN (
            SELECT ctid FROM lane WHERE pending = 0 AND due_at < now() - interval '1 minute'
            LIMIT 10000 FOR UPDATE SKIP LOCKED)
        RETURNING 1
    )
    SELECT count(*) = 10000 AS more FROM swept
""")


class LaneClaim(NamedTuple):
    """Claim of a process on a lane. It is valid until its lease ends, or until another claim increases the
    lane's fencing token."""

    partner: str
    subject: UUID
    fencing_token: int
    attempts: int


class Settled(NamedTuple):
    """Delivery with its final state: `livree`, `deposee`, `refusee`, `incertaine` or `oubliee`."""

    delivery: UUID
    etat: str
    error: str | None = None
    reply: bytes | None = None
    """Partner's response, encrypted."""
    arrived: tuple[Attributes, datetime] | None = None
    """Attributes of the event, and when the partner received it. None if nothing proves the arrival."""
    digest: str | None = None
    """SHA-256 of nonce and received bytes, in hexadecimal, for the signed receipt. None if nothing proves the
    arrival."""
    nonce: bytes | None = None
    """Nonce of the signed receipt, encrypted. The nonce of a lot is split: each delivery in it has one
    part."""
    lot: UUID | None = None
    size: int | None = None
    """Number of deliveries in the lot. None for a delivery that was sent alone."""


@dataclass(slots=True)
class Finished:
    """Results of sending the deliveries of one lane. `settled` has the deliveries with a final state. `tried`
    is the delivery that failed and will be sent again, if any."""

    claim: LaneClaim
    settled: list[Settled] = field(default_factory=list)
    wait_s: float = 0.0
    """Seconds until the lane may be claimed again."""
    tried: UUID | None = None
    """Delivery that failed and will be tried again."""
    in_doubt: bool = False
    """True if the failed delivery may have arrived: it stays `en_vol`."""
    error: str | None = None
    """Reason of the failure, in French."""
    reply: bytes | None = None
    """Partner's response to the failed delivery, encrypted."""


async def claim(
    connection: Connection, process: UUID, allowed: Sequence[tuple[str, int, float]], total: int, limit: int
) -> dict[LaneClaim, list[Row]]:
    """Claim at most `total` due lanes. Return at most `limit` deliveries of each claimed lane, oldest first.
    `allowed` has (partner, most lanes, lease in seconds) for each partner, in the order in which partners are
    served. A partner's lanes with bulk come after its other lanes."""
    rows = await _CLAIM.all(
        connection,
        process=str(process),
        partners=[partner for partner, _, _ in allowed],
        permits=[permits for _, permits, _ in allowed],
        leases=[lease for _, _, lease in allowed],
        total=total,
        limit=limit,
    )
    return by_lane(rows)


async def claim_named(
    connection: Connection,
    process: UUID,
    partner: str,
    lanes: Sequence[tuple[UUID, UUID]],
    lease_s: float,
    limit: int,
) -> dict[LaneClaim, list[Row]]:
    """Claim the due lanes among a partner's `lanes`. Each lane is given as (subject, delivery to be sent
    first). Return at most `limit` deliveries of each claimed lane: the one to be sent first, then the others,
    oldest first."""
    rows = await _CLAIM_NAMED.all(
        connection,
        process=str(process),
        partners=[partner],
        leases=[lease_s],
        subjects=[subject for subject, _ in lanes],
        first=[delivery for _, delivery in lanes],
        limit=limit,
    )
    return by_lane(rows)


def by_lane(rows: Sequence[Row]) -> dict[LaneClaim, list[Row]]:
    """Group the deliveries of claimed lanes by claim, in order. A claim without deliveries has an empty
    list."""
    claims: dict[LaneClaim, list[Row]] = {}
    for row in rows:
        deliveries = claims.setdefault(LaneClaim(row.partner, row.subject, row.token, row.attempts), [])
        if row.id is not None:
            deliveries.append(row)
    return claims


async def finish(
    connection: Connection, leases: Sequence[Finished], receipts: Mapping[UUID, log.Entry], channel: str
) -> tuple[frozenset[UUID], bool]:
    """Store the results of sending the deliveries of claimed lanes, and release the lanes, in one statement.
    Skip the results of a lane that another process has claimed since, and the result of a closed delivery.
    `receipts` has, by delivery, the event that says that the partner has the delivery. Store these events
    too, and notify the PostgreSQL channel `channel` of them. Return the ids of the deliveries with a stored
    result, and whether any of the lanes has further deliveries due now."""
    settled = [(n, each) for n, lease in enumerate(leases, start=1) for each in lease.settled]
    values: dict[str, object] = {
        "lane_partners": [lease.claim.partner for lease in leases],
        "lane_subjects": [lease.claim.subject for lease in leases],
        "tokens": [lease.claim.fencing_token for lease in leases],
        "waits": [lease.wait_s for lease in leases],
        "tried": [lease.tried for lease in leases],
        "doubts": [lease.in_doubt for lease in leases],
        "whys": [lease.error for lease in leases],
        "boxes": list({leases[n - 1].claim.partner for n, each in settled if each.etat == "deposee"}),
        "last_replies": [lease.reply for lease in leases],
        "lanes": [n for n, _ in settled],
        "deliveries": [each.delivery for _, each in settled],
        "etats": [each.etat for _, each in settled],
        "errors": [each.error for _, each in settled],
        "replies": [each.reply for _, each in settled],
        "nonces": [each.nonce for _, each in settled],
        "digests": [each.digest for _, each in settled],
        "lots": [each.lot for _, each in settled],
        "sizes": [each.size for _, each in settled],
    }
    if receipts:
        values |= {**log.values_of(list(receipts.values())), "proven": list(receipts), "channel": channel}
    row = await (_FINISHED_WITH_RECEIPTS if receipts else _FINISHED).one(connection, **values)
    return frozenset(row.written), row.more


async def try_now(connection: Connection, partner: str) -> int:
    """Make all waiting lanes of a partner due now. Lanes that a process has claimed stay unchanged. Also let
    the dispatchers try this partner, even if its breaker is open. Return the number of lanes made due."""
    return int((await _TRY.one(connection, partner=partner)).number)


async def mark_in_flight(connection: Connection, leaving: Sequence[tuple[LaneClaim, UUID]]) -> set[UUID]:
    """Record that these deliveries are about to be sent. Leave out a delivery that was closed, or whose lane
    another process has claimed. Return the ids of the other deliveries: only these may be sent."""
    rows = await _MARK.all(
        connection,
        deliveries=[delivery for _, delivery in leaving],
        partners=[claim.partner for claim, _ in leaving],
        subjects=[claim.subject for claim, _ in leaving],
        tokens=[claim.fencing_token for claim, _ in leaving],
    )
    return {row.id for row in rows}


async def sweep(connection: Connection) -> bool:
    """Delete at most 10,000 lanes that have been empty for a minute. Return True if there may be more."""
    return bool((await _SWEEP.one(connection)).more)
