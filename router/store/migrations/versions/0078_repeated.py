"""Count the accepted rows of each message that repeat earlier events."""

from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to `inbox` the number of a message's accepted rows that repeat earlier events. It is 0 for earlier
    messages, whose repeated rows are no longer known."""
    op.execute("ALTER TABLE inbox ADD COLUMN repeated integer NOT NULL DEFAULT 0")
