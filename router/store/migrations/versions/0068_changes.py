"""Migrate nothing. This migration once created an index on the audit; the migration 0072 now creates the
index that is used. Creating both would read the whole audit twice."""

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing. The migration 0072 makes the index that this migration once made."""
