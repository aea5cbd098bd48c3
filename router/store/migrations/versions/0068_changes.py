"""Migrate nothing: the migration 0072 makes the index that was made here before, so that the audit is read
only once."""

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
