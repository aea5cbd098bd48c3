"""Add the index by which a SIAO finds the referrals and candidacies that it has sent, by their state."""

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on `subject` by sender and state, for rows with a recipient."""
    op.execute(
        "CREATE INDEX subject_referred ON subject ((donnees ->> 'emetteur'), etat, changed_at) "
        "WHERE donnees ? 'destinataire'"
    )
