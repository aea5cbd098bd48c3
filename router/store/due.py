"""Subjects whose moment has come. An answer counts from its 202: no deadline passes one that is still to be applied.

What may still change a place is a message about it or about the referral that it is held for. It is to be applied while
it is pending or parked, deferred behind a large file, in quarantine, or perhaps a row of a large file of somebody who
has a part in it. Such a file counts if it came in time; one that came later could hold a place for ever.
"""

from collections.abc import Sequence
from uuid import UUID

from router.domain.subjects import Subject
from router.store.sql import Connection, Sql
from router.store.subjects import subject_of

_TAKE = Sql("""
    WITH due AS (
        SELECT s.id FROM subject s
        CROSS JOIN LATERAL (SELECT ARRAY[s.id, CAST(s.donnees ->> 'orientation' AS uuid)] AS ids) AS about
        WHERE s.due_at < now()
          AND NOT EXISTS (
              SELECT FROM event e JOIN outbox o ON o.event_id = e.id WHERE e.subject = ANY (about.ids))
          AND NOT EXISTS (
              SELECT FROM event e JOIN inbox deferred ON deferred.id = e.correlation
              WHERE e.subject = ANY (about.ids) AND e.message_row IS NOT NULL AND deferred.held)
          AND NOT EXISTS (
              SELECT FROM quarantine q WHERE q.subject = ANY (about.ids) AND q.etat IN ('ouverte', 'rejouee'))
          AND NOT EXISTS (
              SELECT FROM inbox large LEFT JOIN subject referral ON referral.id = about.ids[2]
              WHERE large.etat = 'en_cours' AND large.received_at <= s.due_at
                AND large.partner IN (s.donnees ->> 'gestionnaire', referral.donnees ->> 'emetteur'))
        ORDER BY s.due_at LIMIT :limit FOR UPDATE OF s SKIP LOCKED
    )
    UPDATE subject s SET due_at = NULL FROM due WHERE s.id = due.id
    RETURNING s.id, nature, etat, version, donnees, menage, due_at
""")
_PUT_OFF = Sql("""
    UPDATE subject SET due_at = now() + interval '1 hour' WHERE id = ANY(CAST(:ids AS uuid[]))
""")


async def take(connection: Connection, limit: int) -> list[Subject]:
    """Subjects whose moment has come, and of which nothing that was accepted before is still to be applied; each is
    taken once."""
    return [subject_of(row) for row in await _TAKE.all(connection, limit=limit)]


async def put_off(connection: Connection, ids: Sequence[UUID]) -> None:
    """Look at these again in an hour: their manager is not in the registry now."""
    if ids:
        await _PUT_OFF.run(connection, ids=list(ids))
