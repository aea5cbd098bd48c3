"""Add the index by which a partner finds the demands that it has sent."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on the demands in `subject` by their sender."""
    op.execute(
        "CREATE INDEX subject_brought ON subject ((donnees ->> 'emetteur'), changed_at) WHERE nature = 'demande'"
    )
