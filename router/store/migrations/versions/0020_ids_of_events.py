"""A sender's own id of an event is claimed like a key, also of one in a list."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds. What is claimed already is claimed by whole messages."""
    op.add_column("idempotency_key", sa.Column("row", sa.Integer(), nullable=True))
