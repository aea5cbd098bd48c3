"""The tables know whether a backup was put back."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.create_table("origin", sa.Column("written", sa.Text(), primary_key=True))
    op.execute(
        "INSERT INTO origin (written) "
        "SELECT concat(CAST('origin' AS regclass)::oid, ' ', pg_current_xact_id()::xid)"
    )
