"""When each API key was last used."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds: the version before does not write there."""
    op.create_table(
        "key_use",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
    )
