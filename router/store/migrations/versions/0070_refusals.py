"""The index of refused messages holds those accepted in part too: counting both read every message of the day."""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index, then drop the one that it replaces.

    Dropping an index locks out the readers of its table until the commit: it comes last, when nothing is left to build.
    """
    op.execute(
        "CREATE INDEX inbox_with_refusals ON inbox (partner, received_at) INCLUDE (etat, rejected) "
        "WHERE etat IN ('refuse', 'partiel')"
    )
    op.execute("DROP INDEX inbox_refusals")
