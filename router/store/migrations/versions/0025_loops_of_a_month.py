"""Loops are found by the month in which they began."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.create_index(
        "subject_received",
        "subject",
        [sa.text("left(donnees ->> 'remise_le', 7)")],
        postgresql_where=sa.text("donnees ? 'remise_le'"),
    )
