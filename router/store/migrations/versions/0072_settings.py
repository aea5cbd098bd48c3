"""Keep an index of the acts that change how the hub works. Daily acts are many, and
would hide them."""

from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index under a name of its own, then drop those that earlier versions of 0065 and 0068 made.

    Dropping an index locks out the readers of its table until the commit: it comes last, when nothing is left to build.
    """
    op.execute(
        "CREATE INDEX audit_settings ON audit (id) WHERE action IN ('base.migrer', 'base.reprendre', 'cle.preparer', "
        "'cle.retirer', 'cle.tourner', 'compte.facteur', 'compte.inviter', 'compte.retirer', 'import.commencer', "
        "'lecture.reprendre', 'partenaire.changer', 'partenaires.appliquer', 'protection.nommer', "
        "'protection.retirer', 'territoires.fusionner')"
    )
    op.execute("DROP INDEX IF EXISTS audit_changed, audit_changes")
