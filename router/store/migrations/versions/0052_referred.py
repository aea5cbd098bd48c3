"""Add the index by which a SIAO finds its unanswered requests."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on `subject` by sender, for subjects with a recipient."""
    op.execute(
        "CREATE INDEX subject_referred ON subject ((donnees ->> 'emetteur'), etat, changed_at) "
        "WHERE donnees ? 'destinataire'"
    )
