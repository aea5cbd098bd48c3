"""Add the index by which agreements and derogations are found."""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on agreements and derogations, which are few."""
    op.execute("CREATE INDEX subject_acts ON subject (id) WHERE nature IN ('convention', 'derogation')")
