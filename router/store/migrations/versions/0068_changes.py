"""Leave a partner's readings of its mailbox and of its list out of the index of the acts that changed
something."""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index under a name of its own, then drop the one that it replaces.

    Dropping an index locks out the readers of its table until the commit: it comes last, when nothing is left to build.
    """
    op.execute(
        "CREATE INDEX audit_changed ON audit (id) WHERE action NOT LIKE 'message.%' "
        "AND action NOT LIKE 'console.%' AND action NOT IN ('bureau.lire', 'boite.lire', 'liste.lire')"
    )
    op.execute("DROP INDEX audit_changes")
