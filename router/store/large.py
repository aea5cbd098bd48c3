"""Store the progress and the outcome of large messages, which are decoded in chunks of rows."""

from typing import NamedTuple
from uuid import UUID

from router.store.sql import Connection, Row, Sql

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
        rejections = rejections || CAST(:rejections AS jsonb)
    WHERE id = :id AND etat = 'en_cours' RETURNING partner, dialect, rejections
""")
_COUNTS = Sql("SELECT accepted, rejected FROM inbox WHERE id = :id FOR UPDATE")


class Chunk(NamedTuple):
    """Result of decoding one chunk of rows. `rejections` and `warnings` are JSON arrays."""

    done: int
    """Number of the message's rows before this chunk."""
    rows: int
    accepted: int
    rejected: int
    rejections: str
    warnings: str


async def advance(connection: Connection, message: UUID, chunk: Chunk, listed: int) -> bool:
    """Add a decoded chunk of rows to the counts of its large message. Store its rejections if fewer than
    `listed` rejections of the message are stored, and its warnings by the same rule.

    Return False if the message is finished, or if another process has stored this chunk.
    """
    return await _ADVANCE.first(connection, id=message, listed=listed, **chunk._asdict()) is not None


async def counts(connection: Connection, message: UUID) -> Row:
    """Return the numbers of rows accepted and rejected so far, and lock the message."""
    return await _COUNTS.one(connection, id=message)


async def close(connection: Connection, message: UUID, etat: str, rejections: str) -> Row | None:
    """Finish a message that is being decoded, with its last rejections (a JSON array). Its bytes are deleted
    unless it is refused.

    Return (partner, dialect, rejections), or None if it was already finished.
    """
    return await _CLOSE.first(connection, id=message, etat=etat, rejections=rejections)
