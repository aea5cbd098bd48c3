"""An event has a proof, by which it is known on the bus."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds. What is in the log already has none: on the bus it counts as long as it says the same as the log."""
    op.add_column("event", sa.Column("mac", sa.LargeBinary(), nullable=True))
