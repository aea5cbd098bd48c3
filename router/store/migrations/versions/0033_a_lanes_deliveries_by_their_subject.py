"""The waiting deliveries of a lane are found by their subject alone."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """By its partner a delivery is found through `delivery_oldest`, too. Where many wait of whom PostgreSQL has no
    statistics yet, it took that index for a claim, and read all that a partner was owed once for each lane."""
    op.create_index(
        "delivery_lane",
        "delivery",
        ["subject", "seq"],
        postgresql_where=sa.text("etat IN ('en_attente', 'en_vol')"),
    )
    op.drop_index("delivery_waiting", "delivery")
