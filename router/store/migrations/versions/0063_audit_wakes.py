"""Wake up the sealer of the audit at once only for acts of people. A notification for each message would make
the commits of all processes wait for one another, and wake up each process."""

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace a function only. Any version of the hub works with it: the heartbeat tells a sealer what waits."""
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
