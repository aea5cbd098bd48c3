"""Add the index by which deadlines are found of which a reminder or the end is past."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on the few rows of `deadline` that have a reported reminder or end, or none to come."""
    op.execute("CREATE INDEX deadline_past ON deadline (due_at) WHERE stage > 0 OR next_at IS NULL")
