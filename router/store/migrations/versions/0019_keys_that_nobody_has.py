"""How many requests without a known key came to a process in the last hour."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.add_column(
        "heartbeat", sa.Column("unknown_keys", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
