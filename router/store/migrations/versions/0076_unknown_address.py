"""Add the address from which the last request with an unknown API key came."""

from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to `heartbeat` the address of the last request with an unknown API key. It is emptied after an hour
    without such a request."""
    op.execute("ALTER TABLE heartbeat ADD unknown_address text")
