"""Migrate nothing. The index that this migration once made is now made by the migration 0072, so that the audit
is read only once."""

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
