"""Add the index by which deadlines with a past reminder or a past end are found."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on two kinds of rows of `deadline`: those with a stage (a reminder or the end) that was
    already reported, and those without a further stage. There are few of them."""
    op.execute("CREATE INDEX deadline_past ON deadline (due_at) WHERE stage > 0 OR next_at IS NULL")
