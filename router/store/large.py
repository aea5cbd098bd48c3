"""Find the large messages to decode, and store their progress and outcome.

A partner's messages are applied in the order of receipt. So a small message waits behind an earlier large
one.
"""

from collections.abc import Collection
from uuid import UUID

from router.store.sql import Connection, Row, Sql

MADE_PENDING_AT_ONCE = 500

_WAITING = """
    SELECT id FROM inbox i
    WHERE (etat = 'en_cours' OR held) AND partner <> ALL (CAST(:served AS text[])) AND NOT EXISTS (
        SELECT FROM inbox large
        WHERE large.etat = 'en_cours' AND large.partner = i.partner AND large.received_at <= i.received_at
          AND large.partner <> ALL (CAST(:partners AS text[])))
    ORDER BY received_at LIMIT 1
"""
_ANY = Sql(_WAITING)
_OLDEST = Sql(f"""
    SELECT id, partner, dialect, media_type, filename, etat, held, keyless, raw, rows_done, received_at
    FROM inbox WHERE id = ({_WAITING})
""")
_TO_MAKE_PENDING = Sql("""
    SELECT id FROM inbox i
    WHERE held AND etat <> 'en_cours' AND partner = :partner AND NOT EXISTS (
        SELECT FROM inbox large
        WHERE large.etat = 'en_cours' AND large.partner = i.partner AND large.received_at <= i.received_at)
    ORDER BY received_at LIMIT :most
""")
_ADVANCE = Sql("""
    UPDATE inbox SET rows_done = rows_done + :rows, accepted = accepted + :accepted, rejected = rejected + :rejected,
        rejections = CASE WHEN jsonb_array_length(rejections) < :listed
                          THEN rejections || CAST(:rejections AS jsonb) ELSE rejections END,
        warnings = CASE WHEN jsonb_array_length(warnings) < :listed
                        THEN warnings || CAST(:warnings AS jsonb) ELSE warnings END
    WHERE id = :id AND etat = 'en_cours' AND rows_done = :done RETURNING id
""")
_CLOSE = Sql("""
    UPDATE inbox SET etat = :etat, held = false,
        raw = CASE WHEN CAST(:etat AS text) = 'refuse' THEN raw ELSE '' END,
        filename = CASE WHEN CAST(:etat AS text) = 'refuse' THEN filename END,
        accepted = CASE WHEN CAST(:etat AS text) = 'refuse' THEN 0 ELSE accepted END,
        repeated = CASE WHEN CAST(:etat AS text) = 'refuse' THEN 0 ELSE repeated END,
        rejections = rejections || CAST(:rejections AS jsonb)
    WHERE id = :id AND etat = 'en_cours' RETURNING partner, dialect, rejections
""")
_COUNTS = Sql("SELECT accepted, rejected FROM inbox WHERE id = :id FOR UPDATE")


async def oldest(
    connection: Connection, partners: Collection[str], served: Collection[str] = ()
) -> Row | None:
    """Return the oldest message that gives work, or None. Messages of senders in `served` are left out. Two
    kinds of messages give work:

    - a large message that is not fully decoded, if its sender is in `partners`
    - a small message, whoever sent it, if its deferred events no longer have to wait for a large message
    """
    return await _OLDEST.first(connection, partners=list(partners), served=sorted(served))


async def any_but(connection: Connection, partners: Collection[str], others: Collection[str]) -> bool:
    """Tell whether the hub has work to do for a sender that is not in `others`. Two kinds of messages give
    work:

    - a large message that is not fully decoded, if its sender is in `partners`
    - a small message, whoever sent it, if its deferred events no longer have to wait for a large message
    """
    return await _ANY.first(connection, partners=list(partners), served=sorted(others)) is not None


async def to_make_pending(connection: Connection, partner: str) -> list[UUID]:
    """Return the messages of a partner whose events are deferred, but no longer have to wait for a large
    message: at most 500, in the order of receipt."""
    return await _TO_MAKE_PENDING.column(connection, partner=partner, most=MADE_PENDING_AT_ONCE)


async def advance(
    connection: Connection,
    message: UUID,
    *,
    done: int,
    rows: int,
    accepted: int,
    rejected: int,
    rejections: str,
    warnings: str,
    listed: int,
) -> bool:
    """Add to a large message the counts, rejections and warnings (JSON) of one chunk: the chunk that begins
    after `done` rows. The message has one list of rejections and one of warnings: a list that has `listed`
    elements gets no more. Return False if the message is finished, or if another process has already stored
    the chunk."""
    counted = {"done": done, "rows": rows, "accepted": accepted, "rejected": rejected}
    found = {"rejections": rejections, "warnings": warnings, "listed": listed}
    return await _ADVANCE.first(connection, id=message, **counted, **found) is not None


async def counts(connection: Connection, message: UUID) -> Row:
    """Return how many rows were accepted and rejected so far, and lock the message."""
    return await _COUNTS.one(connection, id=message)


async def close(connection: Connection, message: UUID, etat: str, rejections: str) -> Row | None:
    """Finish a message that is being decoded: set its state to `etat`, and add `rejections` (JSON) to its list of
    rejections. If `etat` is `refuse`, none of its rows counts as accepted any more; otherwise, delete its bytes.
    Return (partner, dialect, whole list of rejections), or None if the message was finished already."""
    return await _CLOSE.first(connection, id=message, etat=etat, rejections=rejections)
