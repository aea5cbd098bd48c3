"""Add indexes for pages of the console. They find the quarantine by cause and sender, the receipts by month,
the mailboxes by age, and the tasks that a person took on."""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes for pages of the console, then drop two old indexes. The drop comes last, because it
    locks out all readers of the table until the commit."""
    op.execute(
        "CREATE INDEX quarantine_of_sender ON quarantine (cause, (COALESCE(partner, '')), created_at, "
        "fingerprint) INCLUDE (partner) WHERE etat = 'ouverte'"
    )
    op.execute(
        "CREATE INDEX subject_received_by ON subject "
        "(left(donnees ->> 'remise_le', 7), (donnees ->> 'destinataire')) WHERE donnees ? 'remise_le'"
    )
    op.execute("CREATE INDEX delivery_deposited ON delivery (partner, created_at, id) WHERE etat = 'deposee'")
    op.execute("CREATE INDEX audit_taken ON audit (at) WHERE action IN ('tache.prendre', 'tache.rendre')")
    op.execute("DROP INDEX quarantine_open_group")
    op.execute("DROP INDEX subject_received")
