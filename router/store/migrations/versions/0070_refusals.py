"""Replace the index of refused messages by an index of refused and partly accepted messages. With the old
index, counting partly accepted messages reads all messages of the day."""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index of refused and partly accepted messages, then drop the old index. The drop comes last,
    because it locks out all readers of the table until the commit."""
    op.execute(
        "CREATE INDEX inbox_with_refusals ON inbox (partner, received_at) INCLUDE (etat, rejected) "
        "WHERE etat IN ('refuse', 'partiel')"
    )
    op.execute("DROP INDEX inbox_refusals")
