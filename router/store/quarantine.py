"""Quarantine: what could not be read, accepted or applied, with its cause and fingerprint.

`ouverte` until somebody decides; a message's raw bytes are those of its inbox row. An event's
row holds the later events of its subject back until it is applied: they are parked, and follow it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_KEEP = text("""
    INSERT INTO quarantine (id, etat, cause, fingerprint, partner, message_id, event_id, subject, raw, detail)
    SELECT i, 'ouverte', c, f, p, m, e, s, r, CAST(d AS jsonb)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:causes AS text[]), CAST(:fingerprints AS text[]),
                CAST(:partners AS text[]), CAST(:messages AS uuid[]), CAST(:events AS uuid[]),
                CAST(:subjects AS uuid[]), CAST(:raws AS bytea[]), CAST(:details AS text[]))
         AS q(i, c, f, p, m, e, s, r, d)
    ON CONFLICT (id) DO UPDATE SET etat = 'ouverte', cause = excluded.cause, detail = excluded.detail,
                                   fingerprint = excluded.fingerprint, settled_at = NULL
""")
_BLOCKED = text("""
    SELECT subject, event_id, etat FROM quarantine
    WHERE etat IN ('ouverte', 'rejouee') AND subject = ANY(CAST(:subjects AS uuid[]))
""")
_LIST = text("""
    SELECT cause, fingerprint, partner, count(*) AS nombre, min(created_at) AS depuis, max(created_at) AS jusqu_a,
           (array_agg(id ORDER BY created_at))[1] AS exemple
    FROM quarantine WHERE etat = 'ouverte' AND (CAST(:partner AS text) IS NULL OR partner = :partner)
    GROUP BY cause, fingerprint, partner ORDER BY count(*) DESC, min(created_at)
""")
_SHOW = text("SELECT * FROM quarantine WHERE id = :id")
_MATCHING = text("""
    SELECT id, message_id, event_id FROM quarantine
    WHERE etat = 'ouverte' AND (id = :id OR CAST(:id AS uuid) IS NULL)
      AND (CAST(:cause AS text) IS NULL OR cause = :cause)
      AND (CAST(:partner AS text) IS NULL OR partner = :partner)
    ORDER BY created_at
""")
_SETTLE = text("UPDATE quarantine SET etat = :etat, settled_at = now() WHERE id = :id AND etat = 'ouverte'")
_RESOLVE = text("""
    UPDATE quarantine SET etat = 'resolue', settled_at = now()
    WHERE etat = 'rejouee' AND event_id = ANY(CAST(:events AS uuid[]))
""")


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message of a known sender of which nothing was accepted."""

    message: UUID
    partner: str
    cause: str
    fingerprint: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event that a worker could not apply, or a record that is no event (then without ids)."""

    event: UUID | None
    subject: UUID | None
    partner: str | None
    cause: str
    fingerprint: str
    detail: Mapping[str, Any]
    id: UUID
    raw: bytes | None = None


async def keep_messages(connection: AsyncConnection, refused: Sequence[RefusedMessage]) -> None:
    """Put refused messages in quarantine."""
    if refused:
        await connection.execute(
            _KEEP,
            {
                "ids": [uuid5(r.message, "quarantaine") for r in refused],
                "causes": [r.cause for r in refused],
                "fingerprints": [r.fingerprint for r in refused],
                "partners": [r.partner for r in refused],
                "messages": [r.message for r in refused],
                "events": [None] * len(refused),
                "subjects": [None] * len(refused),
                "raws": [None] * len(refused),
                "details": [to_json(r.detail).decode() for r in refused],
            },
        )


async def keep_events(connection: AsyncConnection, failed: Sequence[FailedEvent]) -> None:
    """Put events in quarantine; the later events of their subjects wait."""
    if failed:
        await connection.execute(
            _KEEP,
            {
                "ids": [f.id for f in failed],
                "causes": [f.cause for f in failed],
                "fingerprints": [f.fingerprint for f in failed],
                "partners": [f.partner for f in failed],
                "messages": [None] * len(failed),
                "events": [f.event for f in failed],
                "subjects": [f.subject for f in failed],
                "raws": [f.raw for f in failed],
                "details": [to_json(f.detail).decode() for f in failed],
            },
        )


async def blocked(connection: AsyncConnection, subjects: Sequence[UUID]) -> Mapping[UUID, UUID | None]:
    """Subjects with an event in quarantine, each with that event if it is being replayed."""
    rows = await connection.execute(_BLOCKED, {"subjects": list(subjects)})
    return {row.subject: row.event_id if row.etat == "rejouee" else None for row in rows}


async def grouped(connection: AsyncConnection, partner: str | None = None) -> Sequence[Any]:
    """Open rows by cause, fingerprint and partner, the most frequent first."""
    return (await connection.execute(_LIST, {"partner": partner})).all()


async def show(connection: AsyncConnection, row: UUID) -> Any | None:
    """One row, whole."""
    return (await connection.execute(_SHOW, {"id": row})).one_or_none()


async def matching(
    connection: AsyncConnection, row: UUID | None = None, cause: str | None = None, partner: str | None = None
) -> Sequence[Any]:
    """Open rows that a replay would take, oldest first."""
    return (await connection.execute(_MATCHING, {"id": row, "cause": cause, "partner": partner})).all()


async def settle(connection: AsyncConnection, row: UUID, etat: str) -> None:
    """Close a row as `rejouee` or `resolue`."""
    await connection.execute(_SETTLE, {"id": row, "etat": etat})


async def resolve(connection: AsyncConnection, events: Sequence[UUID]) -> None:
    """Close the rows of replayed events that were applied: success is what was observed."""
    if events:
        await connection.execute(_RESOLVE, {"events": list(events)})
