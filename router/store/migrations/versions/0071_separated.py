"""Store whether a pair of possible duplicate households is in fact two adults who have separated. Add an index
for the list of pairs that a person has decided."""

from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column `separes` to `duplicate`, the table of pairs. Fill it from the log: true for a pair if its
    last decision was a message saying that one household has split off from the other. Processes of the
    previous version leave it false."""
    op.execute("ALTER TABLE duplicate ADD COLUMN separes boolean NOT NULL DEFAULT false")
    op.execute("CREATE INDEX duplicate_decided ON duplicate (decided_at) WHERE etat <> 'propose'")
    op.execute("""
        UPDATE duplicate d SET separes = true
        WHERE d.etat = 'ecarte' AND EXISTS (
            SELECT FROM event e
            WHERE e.subject IN (d.menage, d.autre) AND e.type = 'fr.siao.menage.menage.separe.v1'
              AND e.time = d.decided_at AND e.source = d.decided_by)
    """)
