"""Add the times of the last attempt and of the last success to deliver to each partner, and to read its source.
Add to each alarm the time at which its condition began."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table `reading`, and add columns to `contact` and `alarm`. Processes of the previous version
    leave the table and the columns empty.

    * `reading` has, for each partner's source, the time of the last look, the time of the last look that
      succeeded, and since when looks fail.
    * In `contact`, the new columns say when the hub last tried to deliver to each partner, and when a delivery
      last succeeded.
    * In `alarm`, the new column says when the condition of the alarm began.
    """
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
