"""A delivery remembers where its subject stood, and is found when it is late; a large message remembers that it had no
key; quarantine is found by what it is about."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds: a delivery of the version before has no state of its own, and is rendered by today's."""
    op.add_column("delivery", sa.Column("subject_etat", sa.Text(), nullable=True))
    op.create_index(
        "delivery_late",
        "delivery",
        ["created_at"],
        postgresql_where=sa.text("etat IN ('en_attente', 'en_vol')"),
    )
    op.add_column("inbox", sa.Column("keyless", sa.Boolean(), server_default="false", nullable=False))
    op.create_index("inbox_refused", "inbox", ["partner", "key"], postgresql_where=sa.text("key IS NOT NULL"))
    op.create_index(
        "quarantine_message", "quarantine", ["message_id"], postgresql_where=sa.text("message_id IS NOT NULL")
    )
    op.create_index(
        "quarantine_event", "quarantine", ["event_id"], postgresql_where=sa.text("event_id IS NOT NULL")
    )
