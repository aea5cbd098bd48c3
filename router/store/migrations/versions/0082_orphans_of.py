"""Add the index by which one partner's undecided orphan answers are counted without reading those of other
partners."""

from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create an index of the undecided orphan answers by partner."""
    op.execute("CREATE INDEX orphan_open_of ON orphan (partner, created_at) WHERE etat = 'ouverte'")
