"""Tokens are read by their order alone: how many relays share them may change at any time."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A relay of the version before goes on with its own tokens; those of newer processes wait for a newer relay."""
    op.execute("LOCK TABLE outbox")
    op.create_index(
        "outbox_waiting",
        "outbox",
        ["seq"],
        postgresql_include=["shard"],
        postgresql_where=sa.text("shard >= 0"),
    )
    op.create_index("outbox_parked", "outbox", ["event_id"], postgresql_where=sa.text("shard = -1"))
    op.drop_index("outbox_order", "outbox")
