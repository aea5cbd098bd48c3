"""Wake up the sealer of the audit at once only for acts of people. With a notification for each message, the
commits of all processes would wait for one another, and each process would wake up."""

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the function `audit_queued`. Every version of the hub works with it, because a heartbeat also
    tells the sealer that rows wait."""
    op.execute("""
        CREATE OR REPLACE FUNCTION audit_queued() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
        BEGIN
            INSERT INTO audit_queue (audit_id) SELECT id FROM fresh;
            IF EXISTS (SELECT FROM fresh WHERE action NOT LIKE 'message.%') THEN
                PERFORM pg_notify(TG_TABLE_SCHEMA || '_audit', '');
            END IF;
            RETURN NULL;
        END $$
    """)
