"""Pending events and lanes know whose turn they wait for: a partner's small messages, or its bulk."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NAMED = """
    CREATE FUNCTION outbox_named() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        SELECT source, subject INTO NEW.partner, NEW.subject FROM event WHERE id = NEW.event_id;
        RETURN NEW;
    END $$
"""
_NAMES = """
    CREATE TRIGGER outbox_named BEFORE INSERT ON outbox
        FOR EACH ROW WHEN (NEW.subject IS NULL) EXECUTE FUNCTION outbox_named()
"""


def upgrade() -> None:
    """What the version before writes is named by a trigger, and counts as small. Its relay goes on in the old order, if
    more slowly."""
    op.execute("LOCK TABLE outbox, lane")
    op.add_column("outbox", sa.Column("partner", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("subject", sa.Uuid(), nullable=True))
    op.add_column("outbox", sa.Column("bulk", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("lane", sa.Column("bulk", sa.Boolean(), server_default="false", nullable=False))
    op.execute(
        "UPDATE outbox SET partner = event.source, subject = event.subject FROM event WHERE event.id = outbox.event_id"
    )
    op.execute(_NAMED)
    op.execute(_NAMES)
    op.create_index(
        "outbox_turns",
        "outbox",
        ["bulk", "partner", "seq"],
        postgresql_include=["shard"],
        postgresql_where=sa.text("shard >= 0"),
    )
    op.create_index("outbox_subject", "outbox", ["subject", "seq"], postgresql_where=sa.text("shard >= 0"))
    op.drop_index("outbox_waiting", "outbox")
    op.create_index(
        "lane_turns", "lane", ["partner", "bulk", "due_at"], postgresql_where=sa.text("pending > 0")
    )
    op.drop_index("lane_due", "lane")
