"""How many requests without a known key came to a process in the last hour; and an index by which what is in
quarantine is grouped without reading all of it. No version writes an event without its subject any more."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds, but for `quarantine_group`: the same rows are found group by group."""
    op.add_column(
        "heartbeat", sa.Column("unknown_keys", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_index(
        "quarantine_open_group",
        "quarantine",
        ["cause", "fingerprint", sa.text("COALESCE(partner, '')"), "created_at"],
        postgresql_include=["partner"],
        postgresql_where=sa.text("etat = 'ouverte'"),
    )
    op.drop_index("quarantine_group", "quarantine")
    op.execute("DROP TRIGGER outbox_named ON outbox")
    op.execute("DROP FUNCTION outbox_named()")
