"""Add to the table `contact` the message types that a partner refuses each time."""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to `contact` the message types that a partner refuses each time (`refused_types`)."""
    op.execute("ALTER TABLE contact ADD COLUMN refused_types jsonb NOT NULL DEFAULT '{}'")
