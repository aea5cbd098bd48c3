"""Index by which a SIAO finds its messages that nobody has answered, without reading those that other
partners have sent."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index only."""
    op.execute(
        "CREATE INDEX subject_referred ON subject ((donnees ->> 'emetteur'), etat, changed_at) "
        "WHERE donnees ? 'destinataire'"
    )
