"""Add moments to the state of each partner: the last attempt and the last success, both of reading its source
and of delivering to it. Add to alarms the moment at which their condition began."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to `contact` when the hub last tried to deliver to each partner, and when a delivery last
    succeeded. Add to `alarm` when its condition began. Create the table `reading`. For each partner's source,
    it has the time of the last look, the time of the last look that succeeded, and since when looks fail.
    Processes of the previous version write none of these values."""
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
