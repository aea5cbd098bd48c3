"""Store in each list of households ready for housing the label that the household's own SIAO gives."""

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column `label` to `delivery` and `list_change`. Fill it in `list_change` with the labels that
    SIAO have given so far."""
    op.execute("ALTER TABLE delivery ADD COLUMN label text")
    op.execute("ALTER TABLE list_change ADD COLUMN label text")
    op.execute("""
        UPDATE list_change c SET label = s.donnees -> 'inscriptions' ->> (s.donnees ->> 'emetteur')
        FROM subject s
        WHERE s.id = c.menage AND c.superseded_by IS NULL AND NOT c.gone
          AND s.donnees -> 'inscriptions' ->> (s.donnees ->> 'emetteur') IN ('LABELLISEE', 'DESIGNEE')
    """)
