"""Table of the last regular count of what is lost, so that whoever looks at the hub need not count."""

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table only."""
    op.execute("""
        CREATE TABLE balance_count (
            kept text PRIMARY KEY,
            since timestamptz NOT NULL,
            at timestamptz NOT NULL,
            lost bigint NOT NULL
        )
    """)
