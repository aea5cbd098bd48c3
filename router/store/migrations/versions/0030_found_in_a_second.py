"""Indexes by which the console finds deliveries and acts without reading those of others."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds. A delivery enters `delivery_ended` once, when it is settled."""
    op.create_index(
        "delivery_ended",
        "delivery",
        ["partner", "created_at"],
        postgresql_where=sa.text("etat NOT IN ('en_attente', 'en_vol')"),
    )
    op.create_index(
        "delivery_task_of",
        "delivery",
        ["partner", "created_at"],
        postgresql_where=sa.text("etat IN ('refusee', 'incertaine')"),
    )
    op.create_index(
        "audit_actor", "audit", ["actor", "id"], postgresql_where=sa.text("action NOT LIKE 'message.%'")
    )
