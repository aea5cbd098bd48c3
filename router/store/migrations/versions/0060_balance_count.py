"""Add the table with the result of the last count of lost events and deliveries."""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table with the last count of lost events and deliveries, `balance_count`."""
    op.execute("""
        CREATE TABLE balance_count (
            kept text PRIMARY KEY,
            since timestamptz NOT NULL,
            at timestamptz NOT NULL,
            lost bigint NOT NULL
        )
    """)
