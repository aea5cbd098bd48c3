"""A refused message remembers the key that it was sent under, for the day it is taken in again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds: what the version before refuses has none, and is replayed under a key of its own."""
    op.add_column("inbox", sa.Column("key", sa.LargeBinary(), nullable=True))
