"""The tables know on which timeline of PostgreSQL they are written, when that was last so, and whether a standby
had it all."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds. Tables that a backup brought back, and nobody has recovered, stay so."""
    moment, no = sa.DateTime(timezone=True), sa.false()
    op.add_column("origin", sa.Column("timeline", sa.Integer()))
    op.add_column("origin", sa.Column("seen_at", moment, nullable=False, server_default=sa.func.now()))
    op.add_column("origin", sa.Column("synchronous", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("origin", sa.Column("took_over_at", moment))
    op.add_column("origin", sa.Column("has_journal", sa.Boolean(), nullable=False, server_default=no))
    op.execute(
        "UPDATE origin SET written = concat(tableoid, ' ', pg_current_xact_id()::xid), "
        "timeline = ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int "
        "WHERE written = concat(tableoid, ' ', xmin)"
    )
