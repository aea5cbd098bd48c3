"""Add the index by which one partner's open quarantine rows are found without reading those of other
partners."""

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create an index of the open quarantine rows by partner. Without it, a search for one partner's rows
    reads the open rows of all partners."""
    op.execute(
        "CREATE INDEX quarantine_open_of ON quarantine (partner, created_at, id) WHERE etat = 'ouverte'"
    )
