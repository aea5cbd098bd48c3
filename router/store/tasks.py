"""Deliveries that a human looks after: refused, of unknown outcome, or waiting for too long."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from router.domain.vitals import LATE
from router.store.deliveries import INTO_THEIR_LANES
from router.store.sql import Connection, Sql

_TASK = "('refusee', 'incertaine')"
_LATE = f"""
    (d.etat IN ('en_attente', 'en_vol') AND d.created_at < now() - interval '{LATE.total_seconds()} seconds')
"""
_TASKS = Sql(f"""
    SELECT d.id, d.partner, d.etat, d.error, d.created_at, d.attempts, e.type
    FROM delivery d JOIN event e ON e.id = d.event_id
    WHERE (d.etat IN {_TASK} OR {_LATE}) AND (CAST(:partner AS text) IS NULL OR d.partner = :partner)
    ORDER BY d.created_at LIMIT :limit
""")
_SEND_AGAIN = Sql(f"""
    WITH added AS (
        UPDATE delivery SET etat = 'en_attente', error = NULL, settled_at = NULL
        WHERE id = :id AND etat IN {_TASK} RETURNING partner, subject, false AS bulk
    ){INTO_THEIR_LANES}
    RETURNING partner
""")
_REFUSED_AGAIN = Sql(f"""
    WITH added AS (
        UPDATE delivery SET etat = 'en_attente', error = NULL, settled_at = NULL
        WHERE id IN (SELECT id FROM delivery WHERE partner = :partner AND etat = 'refusee' ORDER BY seq LIMIT 500)
        RETURNING id, partner, subject, false AS bulk
    ), laned AS ({INTO_THEIR_LANES}), audited AS (
        INSERT INTO audit (actor, action, object, detail)
        SELECT CAST(:actor AS text), CAST(:action AS text), CAST(id AS text),
               jsonb_build_object('partenaire', partner, 'motif', CAST(:why AS text))
        FROM added
    )
    SELECT count(*) AS number FROM added
""")
_CLOSE = Sql(f"""
    WITH locked AS (
        SELECT l.partner, l.subject FROM lane l JOIN delivery d USING (partner, subject)
        WHERE d.id = :id FOR UPDATE OF l
    ), task AS (
        SELECT d.id, d.partner, d.subject, d.etat FROM delivery d LEFT JOIN locked USING (partner, subject)
        WHERE d.id = :id AND (d.etat IN {_TASK} OR {_LATE}) FOR UPDATE OF d
    ), counted AS (
        UPDATE lane SET pending = pending - 1 FROM task
        WHERE lane.partner = task.partner AND lane.subject = task.subject AND task.etat NOT IN {_TASK}
    )
    UPDATE delivery SET etat = 'classee', settled_at = now() FROM task WHERE delivery.id = task.id
    RETURNING delivery.partner
""")


async def oldest(connection: Connection, partner: str | None, limit: int) -> Sequence[Any]:
    """Deliveries that a human looks after, oldest first: refused, of unknown outcome, or waiting for too long."""
    return await _TASKS.all(connection, partner=partner, limit=limit)


async def send_again(connection: Connection, delivery: UUID) -> str | None:
    """Let a task go out again under its key; its partner, or None where it is no task."""
    row = await _SEND_AGAIN.first(connection, id=delivery)
    return None if row is None else str(row.partner)


async def send_refused_again(connection: Connection, partner: str, actor: str, action: str, why: str) -> int:
    """Let what a partner refused go out again, the oldest few hundred, each under its key and audited; how many."""
    row = await _REFUSED_AGAIN.one(connection, partner=partner, actor=actor, action=action, why=why)
    return int(row.number)


async def close(connection: Connection, delivery: UUID) -> str | None:
    """End a task without another attempt; its partner, or None where it is no task."""
    row = await _CLOSE.first(connection, id=delivery)
    return None if row is None else str(row.partner)
