"""Add the index by which a partner finds the demands that it has brought."""

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on `subject` by sender, for demands."""
    op.execute(
        "CREATE INDEX subject_brought ON subject ((donnees ->> 'emetteur'), changed_at) WHERE nature = 'demande'"
    )
