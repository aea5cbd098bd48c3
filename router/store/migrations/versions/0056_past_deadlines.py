"""Index by which past deadlines are found, without asking each open referral for its own."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index only. It covers the few deadlines of which a stage is past or being reported."""
    op.execute("CREATE INDEX deadline_past ON deadline (due_at) WHERE stage > 0 OR next_at IS NULL")
