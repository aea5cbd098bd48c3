"""Leave readings of mailboxes and lists out of the index of actions that changed something."""

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index, then drop the one that it replaces. A drop locks out the table's readers, so it comes
    last."""
    op.execute(
        "CREATE INDEX audit_changed ON audit (id) WHERE action NOT LIKE 'message.%' "
        "AND action NOT LIKE 'console.%' AND action NOT IN ('bureau.lire', 'boite.lire', 'liste.lire')"
    )
    op.execute("DROP INDEX audit_changes")
