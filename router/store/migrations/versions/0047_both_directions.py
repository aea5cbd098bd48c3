"""Give a partner two states, one for reading and one for delivering, each with the moments at which it was
last seen and last went well. An alarm records since when its condition holds, which is before anybody
looked."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns only: a process of the previous version reports deliveries as before, and no reading."""
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
