"""Index by which a SIAO finds the messages that it has sent and nobody has answered, however many others have sent."""

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
