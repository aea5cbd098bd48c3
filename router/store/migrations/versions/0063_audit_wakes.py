"""Notify the process that adds links to the audit's chain only when a person has acted, no longer for each
message: such a notification would make commits wait for each other."""

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the trigger function `audit_queued`, which runs when rows are added to the audit. If all these
    rows are about messages, the function no longer notifies the process that adds links to the audit's chain.
    Processes of the previous version work with the changed function too."""
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
