"""Store the state of reading a partner's source and of delivering to it, each with the last attempt and
success. Store since when an alarm's condition holds."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns to `contact` and `alarm`, and the table `reading`. A process of the previous version leaves
    them empty."""
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
