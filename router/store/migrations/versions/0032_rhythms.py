"""When each partner says something, as it was learnt, and whose silence was told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.create_table(
        "rhythm",
        sa.Column("partner", sa.Text(), primary_key=True),
        sa.Column("learnt", JSONB()),
        sa.Column("learnt_at", sa.DateTime(timezone=True)),
        sa.Column("silent_since", sa.DateTime(timezone=True)),
    )
