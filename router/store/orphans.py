"""Store orphan answers, which answer a request that the hub does not know, until an operator decides about
them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.base import Nature
from router.domain.subjects import Subject
from router.store.sql import Connection, Row, Sql
from router.store.subjects import subject_of

_KEEP = Sql("""
    INSERT INTO orphan (event_id, partner, reason)
    SELECT * FROM unnest(CAST(:events AS uuid[]), CAST(:partners AS text[]), CAST(:reasons AS text[]))
    ON CONFLICT (event_id) DO NOTHING
""")
_OPEN = Sql("""
    SELECT o.event_id, o.partner, o.reason, o.created_at, e.type, e.subject, e.correlation
    FROM orphan o JOIN event e ON e.id = o.event_id
    WHERE o.etat = 'ouverte' AND (CAST(:among AS text[]) IS NULL OR o.partner = ANY(CAST(:among AS text[])))
      AND (CAST(:after_at AS timestamptz) IS NULL
           OR (o.created_at, o.event_id) > (CAST(:after_at AS timestamptz), CAST(:after_id AS uuid)))
    ORDER BY o.created_at, o.event_id LIMIT :most
""")
_GROUPED = Sql("""
    WITH RECURSIVE found AS (
        (SELECT partner FROM orphan WHERE etat = 'ouverte' ORDER BY partner LIMIT 1)
        UNION ALL
        SELECT (SELECT partner FROM orphan WHERE etat = 'ouverte' AND partner > found.partner ORDER BY partner LIMIT 1)
        FROM found WHERE found.partner IS NOT NULL
    )
    SELECT 'orpheline' AS cause, found.partner, count(*) AS number, min(created_at) AS since
    FROM found CROSS JOIN LATERAL (
        SELECT created_at FROM orphan WHERE etat = 'ouverte' AND partner = found.partner
        ORDER BY created_at LIMIT CAST(:most AS bigint)) AS oldest
    GROUP BY found.partner ORDER BY min(created_at)
""")
_SENDER = Sql("SELECT partner FROM orphan WHERE event_id = :event")
_LOCK = Sql("""
    SELECT o.event_id, o.partner, e.id, e.type, e.source, e.subject, e.territoire, e.time, e.correlation, e.causation,
           e.trace, e.payload
    FROM orphan o JOIN event e ON e.id = o.event_id
    WHERE o.event_id = :event AND o.etat = 'ouverte' FOR UPDATE OF o
""")
_SETTLE = Sql("""
    UPDATE orphan SET etat = :etat, attached_to = :envoi, settled_at = now() WHERE event_id = :event
""")
_TOLD_AGAIN = Sql("""
    WITH before AS (DELETE FROM outcome WHERE event_id = :event AND kind = 'anomalie')
    INSERT INTO outcome (event_id, kind, reason) VALUES (:event, 'sans_effet', :reason)
""")
_CANDIDATES = Sql("""
    SELECT asked.partner, s.id, s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at,
           ARRAY(SELECT unnest(ARRAY[d.id, e.id]) FROM event e JOIN delivery d ON d.event_id = e.id
                 WHERE e.subject = s.id AND d.partner = asked.partner) AS events
    FROM unnest(CAST(:partners AS text[]), CAST(:natures AS text[]), CAST(:etats AS text[]))
         AS asked(partner, nature, etat)
    CROSS JOIN LATERAL (
        SELECT * FROM subject WHERE subject.etat = asked.etat AND donnees ? 'destinataire'
          AND donnees ->> 'destinataire' = asked.partner AND subject.nature = asked.nature
        ORDER BY changed_at DESC LIMIT :most
    ) AS s
""")


class Orphan(NamedTuple):
    """Orphan answer to be stored. `event` is the event of the answer."""

    event: UUID
    partner: str
    reason: str


class OpenOrphan(NamedTuple):
    """Stored orphan answer that waits for a decision."""

    event: UUID
    partner: str
    reason: str
    since: datetime
    type: str
    subject: UUID
    message: UUID


Answerer = tuple[str, Nature]
"""Partner, and the type of the requests that it has to answer."""
Candidate = tuple[Subject, Sequence[UUID]]
"""Request that a partner has to answer, with the ids of its deliveries and delivered events."""


async def keep(connection: Connection, orphans: Sequence[Orphan]) -> None:
    """Store orphan answers. Answers that are stored already are skipped."""
    if orphans:
        events, partners, reasons = zip(*orphans, strict=True)
        await _KEEP.run(connection, events=events, partners=partners, reasons=reasons)


async def waiting(
    connection: Connection,
    among: Collection[str] | None,
    most: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[OpenOrphan]:
    """Return at most `most` orphan answers that wait for a decision, oldest first. Only those of the senders
    `among` are returned, or all if `among` is None. `after` is (since, event) of the previous page's last
    answer."""
    at, event = after or (None, None)
    partners = None if among is None else list(among)
    rows = await _OPEN.all(connection, among=partners, most=most, after_at=at, after_id=event)
    return [OpenOrphan(*row) for row in rows]


async def grouped(connection: Connection, most: int) -> Sequence[Row]:
    """Return one row for each sender whose orphan answers wait for a decision: (cause, partner, number, since).
    `cause` is always `orpheline`, `number` counts the sender's answers up to `most`, `since` is the time of
    the oldest of them."""
    return await _GROUPED.all(connection, most=most)


async def candidates(
    connection: Connection, asked: Collection[tuple[str, Nature, str]], most: int
) -> Mapping[Answerer, Sequence[Candidate]]:
    """Return, by partner and type of subject (referral, candidacy…), the requests that partners still have to
    answer. Each entry of `asked` is (partner, type, state): for each entry, at most `most` requests in this
    state are returned, latest change first. Each request comes with the ids of its deliveries to the partner
    and of the delivered events."""
    partners, natures, etats = zip(*asked, strict=True) if asked else ((), (), ())
    found: dict[Answerer, list[Candidate]] = {each[:2]: [] for each in asked}
    for row in await _CANDIDATES.all(connection, partners=partners, natures=natures, etats=etats, most=most):
        found[row.partner, Nature(row.nature)].append((subject_of(row), row.events))
    return found


async def sender(connection: Connection, event: UUID) -> str | None:
    """Return the sender of an orphan answer, whether it waits for a decision or not. Return None if the event
    is no orphan answer."""
    row = await _SENDER.first(connection, event=event)
    return None if row is None else str(row.partner)


async def locked(connection: Connection, event: UUID) -> Row | None:
    """Lock the row of the orphan answer with the event id `event`. Return this row with the columns of the
    event in the log. Return None if somebody has already decided about the answer, or if `event` is no orphan
    answer."""
    return await _LOCK.first(connection, event=event)


async def settle(connection: Connection, event: UUID, etat: str, reason: str, envoi: UUID | None) -> None:
    """Store the decision about the orphan answer `event`. `etat` is the answer's new state. `reason` says why
    the event of the answer has no effect. `envoi` is the referral or candidacy to which the answer was
    attached, or None if the answer was closed. For an attached answer, the caller must also store a new event,
    which answers `envoi`."""
    await _SETTLE.run(connection, event=event, etat=etat, envoi=envoi)
    await _TOLD_AGAIN.run(connection, event=event, reason=reason)
