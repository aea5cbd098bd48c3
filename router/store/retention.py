"""What is removed once it has had its time. Each statement takes `:batch` rows at most, older than `:age`."""

from collections.abc import Mapping
from datetime import timedelta

from router.store.lanes import DONE
from router.store.sql import Sql

RAW, LOG, DECIDED, AUDIT = timedelta(days=30), timedelta(days=90), timedelta(days=14), timedelta(days=365)
"""Raw bytes; the log, three times as long as the topics; decided quarantine; audit."""

_IDLE = f"""
    NOT EXISTS (SELECT FROM outbox o WHERE o.event_id = e.id)
    AND NOT EXISTS (SELECT FROM quarantine q WHERE q.event_id = e.id AND q.etat <> 'resolue')
    AND NOT EXISTS (SELECT FROM delivery d WHERE d.event_id = e.id AND d.etat NOT IN {DONE})
"""
_CLOSED = "etat NOT IN ('en_cours') AND NOT held"
_OPEN = """
    SELECT FROM quarantine q LEFT JOIN event e ON e.id = q.event_id
    WHERE q.etat <> 'resolue' AND (q.message_id = i.id OR e.correlation = i.id)
    UNION ALL SELECT FROM event e JOIN outbox o ON o.event_id = e.id WHERE e.correlation = i.id
"""

SWEEPS: Mapping[str, tuple[timedelta, Sql]] = {
    "octets reçus": (
        RAW,
        Sql(f"""
            WITH old AS (
                SELECT id FROM inbox i WHERE raw IS NOT NULL AND received_at < now() - CAST(:age AS interval)
                  AND {_CLOSED} AND NOT EXISTS ({_OPEN})
                LIMIT :batch FOR UPDATE SKIP LOCKED
            ), unlinked AS (
                DELETE FROM key_link USING old WHERE holder = old.id
            ), unkeyed AS (
                DELETE FROM holder_key USING old WHERE holder = old.id
            )
            UPDATE inbox SET raw = NULL, filename = NULL FROM old WHERE inbox.id = old.id RETURNING inbox.id
        """),
    ),
    "livraisons": (
        LOG,
        Sql(f"""
            DELETE FROM delivery WHERE ctid IN (
                SELECT ctid FROM delivery
                WHERE etat IN {DONE} AND settled_at < now() - CAST(:age AS interval)
                LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING id
        """),
    ),
    "journal": (
        LOG,
        Sql(f"""
            WITH old AS (
                SELECT id FROM event e WHERE time < now() - CAST(:age AS interval) AND {_IDLE}
                ORDER BY seq LIMIT :batch
            ), noted AS (
                DELETE FROM outcome USING old WHERE outcome.event_id = old.id
            ), gone AS (
                DELETE FROM delivery USING old WHERE delivery.event_id = old.id
            )
            DELETE FROM event USING old WHERE event.id = old.id RETURNING event.id
        """),
    ),
    "quarantaine résolue": (
        DECIDED,
        Sql("""
            DELETE FROM quarantine WHERE ctid IN (
                SELECT ctid FROM quarantine WHERE etat = 'resolue' AND settled_at < now() - CAST(:age AS interval)
                LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING id
        """),
    ),
    "messages": (
        AUDIT,
        Sql(f"""
            DELETE FROM inbox WHERE ctid IN (
                SELECT ctid FROM inbox i WHERE received_at < now() - CAST(:age AS interval)
                  AND raw IS NULL AND {_CLOSED} AND NOT EXISTS ({_OPEN})
                  AND NOT EXISTS (SELECT FROM event e WHERE e.correlation = i.id)
                LIMIT :batch FOR UPDATE SKIP LOCKED) RETURNING id
        """),
    ),
    "rejeux": (
        AUDIT,
        Sql("""
            DELETE FROM replay_job WHERE ctid IN (
                SELECT ctid FROM replay_job WHERE fini_le < now() - CAST(:age AS interval) LIMIT :batch)
            RETURNING id
        """),
    ),
    "audit": (
        AUDIT,
        Sql("""
            DELETE FROM audit WHERE id IN (
                SELECT id FROM audit WHERE at < now() - CAST(:age AS interval) ORDER BY id LIMIT :batch)
            RETURNING id
        """),
    ),
}
"""Each sweep by the French name of what it removes."""

SILENT = Sql(f"""
    SELECT s.menage FROM subject s JOIN holder_key k ON k.holder = s.menage
    WHERE s.menage IS NOT NULL AND (CAST(:menage AS uuid) IS NULL OR s.menage = :menage)
    GROUP BY s.menage
    HAVING max(s.changed_at) < now() - CAST(:age AS interval) AND NOT bool_or(s.etat = ANY(CAST(:etats AS text[])))
      AND NOT EXISTS (SELECT FROM key_link l JOIN inbox i ON i.id = l.holder
                      WHERE l.titulaire = s.menage AND (
                        i.received_at > now() - CAST(:age AS interval) OR NOT ({_CLOSED}) OR EXISTS ({_OPEN})))
    LIMIT :batch
""")
"""Households (one of them, or all) of which nothing was heard for so long, that nobody waits for, and of which
nothing waits or is undecided."""
