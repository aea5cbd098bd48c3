"""Answers that match nothing which their sender has to answer."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.create_table(
        "orphan",
        sa.Column("event_id", sa.Uuid(), primary_key=True),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("etat", sa.Text(), server_default="ouverte", nullable=False),
        sa.Column("attached_to", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("orphan_open", "orphan", ["created_at"], postgresql_where=sa.text("etat = 'ouverte'"))
