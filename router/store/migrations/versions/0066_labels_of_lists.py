"""Label that a household's own SIAO gives it, as part of the lists on which the household stands."""

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns that a version before leaves empty, and fill in the labels given before: their readers were
    notified of them already."""
    op.execute("ALTER TABLE delivery ADD COLUMN label text")
    op.execute("ALTER TABLE list_change ADD COLUMN label text")
    op.execute("""
        UPDATE list_change c SET label = s.donnees -> 'inscriptions' ->> (s.donnees ->> 'emetteur')
        FROM subject s
        WHERE s.id = c.menage AND c.superseded_by IS NULL AND NOT c.gone
          AND s.donnees -> 'inscriptions' ->> (s.donnees ->> 'emetteur') IN ('LABELLISEE', 'DESIGNEE')
    """)
