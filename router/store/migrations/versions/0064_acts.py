"""Add the index that serves to find agreements and derogations."""

from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on the rows of `subject` that are agreements or derogations; there are few of them."""
    op.execute("CREATE INDEX subject_acts ON subject (id) WHERE nature IN ('convention', 'derogation')")
