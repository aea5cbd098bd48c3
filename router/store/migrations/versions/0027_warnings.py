"""A message has warnings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.add_column("inbox", sa.Column("warnings", JSONB(), nullable=False, server_default="[]"))
