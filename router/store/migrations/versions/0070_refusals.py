"""Replace the index of refused messages by one with partly accepted messages too: counting both read every
message of the day."""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index, then drop the one that it replaces. A drop locks out the table's readers, so it comes
    last."""
    op.execute(
        "CREATE INDEX inbox_with_refusals ON inbox (partner, received_at) INCLUDE (etat, rejected) "
        "WHERE etat IN ('refuse', 'partiel')"
    )
    op.execute("DROP INDEX inbox_refusals")
