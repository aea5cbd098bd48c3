"""Add an index of the audit rows about actions that change how the hub works. Without it, these rows are
hard to find among the many rows of daily work."""

from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index of audit rows about settings. Then drop two indexes that the migrations 0065 and 0068 once
    made, if they exist. The drop comes last, because it locks out all readers until the commit."""
    op.execute(
        "CREATE INDEX audit_settings ON audit (id) WHERE action IN ('base.migrer', 'base.reprendre', 'cle.preparer', "
        "'cle.retirer', 'cle.tourner', 'compte.facteur', 'compte.inviter', 'compte.retirer', 'import.commencer', "
        "'lecture.reprendre', 'partenaire.changer', 'partenaires.appliquer', 'protection.nommer', "
        "'protection.retirer', 'territoires.fusionner')"
    )
    op.execute("DROP INDEX IF EXISTS audit_changed, audit_changes")
