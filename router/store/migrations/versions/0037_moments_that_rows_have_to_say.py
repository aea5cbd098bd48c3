"""Nothing expires, and no deadline is due, because a row was written without its moment."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

HAVE_TO_BE_SAID = (
    ("idempotency_key", "expires_at"),
    ("deadline", "started_at"),
    ("deadline", "due_at"),
    ("lease", "until"),
)


def upgrade() -> None:
    """Every version so far has said them: none needs the default."""
    for table, column in HAVE_TO_BE_SAID:
        op.alter_column(table, column, server_default=None)
