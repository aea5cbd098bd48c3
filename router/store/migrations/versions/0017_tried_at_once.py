"""Whether a lane rests, and when somebody asked to try its partner at once."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds: the version before leaves `rested` behind at its next claim, so no lane that it holds rests."""
    op.add_column("lane", sa.Column("rested", sa.BigInteger(), nullable=True))
    op.add_column("contact", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
