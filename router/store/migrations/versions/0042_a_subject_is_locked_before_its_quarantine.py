"""Two batches about one subject meet at its row before they ask what blocks it: what the first one puts into
quarantine, the second one sees."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

_TAKE_EVENTS = """
    CREATE OR REPLACE FUNCTION take_events(events uuid[], about uuid[], moved uuid[]) RETURNS TABLE (
        kind text, id uuid, seq bigint, bulk boolean, blocked_by uuid,
        nature text, etat text, version bigint, donnees jsonb, menage uuid, due_at timestamptz
    )
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY
            DELETE FROM outbox AS o WHERE o.event_id = ANY(events)
            RETURNING 'token', o.event_id, o.seq, o.bulk, NULL::uuid,
                      NULL, NULL, NULL::bigint, NULL::jsonb, NULL::uuid, NULL::timestamptz;
        RETURN QUERY
            SELECT 'state', s.id, NULL::bigint, NULL::boolean, NULL::uuid,
                   s.nature, s.etat, s.version, s.donnees, s.menage, s.due_at
            FROM subject AS s WHERE s.id = ANY(moved || about) ORDER BY s.id FOR UPDATE;
        RETURN QUERY
            SELECT 'blocked', held.subject, NULL::bigint, NULL::boolean,
                   CASE WHEN held.etat = 'rejouee' THEN held.event_id END,
                   NULL, NULL, NULL::bigint, NULL::jsonb, NULL::uuid, NULL::timestamptz
            FROM (
                SELECT q.subject, q.event_id, q.etat, q.created_at FROM quarantine AS q
                WHERE q.etat IN ('ouverte', 'rejouee') AND q.subject = ANY(about)
                ORDER BY q.id FOR UPDATE
            ) AS held
            ORDER BY held.created_at DESC;
    END $$
"""


def upgrade() -> None:
    """The same answers, asked in another order; a process of the version before asks as before."""
    op.execute(_TAKE_EVENTS)
