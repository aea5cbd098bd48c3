"""Find the next message that needs work: a large message to decode, or a small one behind it whose events may
now be applied. The messages of a partner keep the order of receipt."""

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


async def oldest(
    connection: Connection, partners: Collection[str], served: Collection[str] = ()
) -> Row | None:
    """Return the oldest message that needs work, of a partner that is not in `served`. That is a large
    message to decode, if the partner is in `partners`, or a small message whose events may now be applied.

    Return None if there is no such message.
    """
    return await _OLDEST.first(connection, partners=list(partners), served=sorted(served))


async def any_but(connection: Connection, partners: Collection[str], others: Collection[str]) -> bool:
    """Tell whether a partner outside `others` has a message that needs work. That is a large message to
    decode, if the partner is in `partners`, or a small message whose events may now be applied."""
    return await _ANY.first(connection, partners=list(partners), served=sorted(others)) is not None


async def to_make_pending(connection: Connection, partner: str) -> list[UUID]:
    """Return the ids of a partner's small messages that no longer wait behind a large one, in the order of
    receipt, at most `MADE_PENDING_AT_ONCE`."""
    return await _TO_MAKE_PENDING.column(connection, partner=partner, most=MADE_PENDING_AT_ONCE)
