"""Deadlines that are over are found by themselves, not by asking each open referral for its own."""

from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds an index, of the few deadlines of which a stage is past or being told."""
    op.execute("CREATE INDEX deadline_past ON deadline (due_at) WHERE stage > 0 OR next_at IS NULL")
