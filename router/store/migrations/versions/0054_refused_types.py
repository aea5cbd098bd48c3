"""Add the message types that a partner always refuses to the state of the contact with it."""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column `refused_types` to `contact`."""
    op.execute("ALTER TABLE contact ADD COLUMN refused_types jsonb NOT NULL DEFAULT '{}'")
