"""Store two states of a partner, one for reading its source and one for delivering to it, each with the
moments of the last attempt and of the last success. Store since when the condition of an alarm holds."""

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
