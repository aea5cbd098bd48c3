"""Add the index that finds the deadlines of which a reminder or the end has passed."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index of the deadlines that have passed at least one of their stages, in the order of their ends.
    `siao-hub status` uses it to find late answers. The index stays small, because a deadline is deleted as soon
    as nobody has to meet it any more."""
    op.execute("CREATE INDEX deadline_past ON deadline (due_at) WHERE stage > 0 OR next_at IS NULL")
