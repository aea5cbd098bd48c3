"""Replayed events that are applied and not yet delivered are looked for again and again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.create_index(
        "quarantine_applied", "quarantine", ["event_id"], postgresql_where=sa.text("etat = 'appliquee'")
    )
