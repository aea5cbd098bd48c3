"""Index by which one partner's open quarantine rows are found without those of others."""

from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create an index of the open quarantine rows by partner. Without it, a search for one partner read the
    open rows of all partners."""
    op.execute(
        "CREATE INDEX quarantine_open_of ON quarantine (partner, created_at, id) WHERE etat = 'ouverte'"
    )
