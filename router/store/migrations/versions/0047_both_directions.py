"""Add moments to the state of each partner: the last attempt and the last success, both of reading its source
and of delivering to it. Add to alarms the moment at which their condition began."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to `contact` the last attempt and the last success, and to `alarm` the beginning of its condition.
    Create the table `reading`. Processes of the previous version leave all of them empty."""
    op.execute("ALTER TABLE contact ADD COLUMN seen_at timestamptz, ADD COLUMN succeeded_at timestamptz")
    op.execute("ALTER TABLE alarm ADD COLUMN since timestamptz")
    op.execute("""
        CREATE TABLE reading (
            partner text PRIMARY KEY,
            seen_at timestamptz NOT NULL,
            succeeded_at timestamptz,
            failing_since timestamptz,
            failures integer NOT NULL,
            cause text
        )
    """)
