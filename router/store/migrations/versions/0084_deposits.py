"""Number the deposits into each mailbox, in the order of their commits. A mailbox that is read page by page then shows
the deliveries about one subject in their order."""

from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table `mailbox`, and the column `deposit` with its index. In this column, 0 means that the deposit
    has no number: it was made before this migration, or by a process of the previous version. Such deposits come
    first in a mailbox. The old index is dropped last, because the drop locks out all readers of the table until the
    commit."""
    op.execute("CREATE TABLE mailbox (partner text PRIMARY KEY, deposits bigint NOT NULL)")
    op.execute("ALTER TABLE delivery ADD COLUMN deposit bigint NOT NULL DEFAULT '0'")
    op.execute("CREATE INDEX delivery_in_mailbox ON delivery (partner, deposit, seq) WHERE etat = 'deposee'")
    op.execute("DROP INDEX delivery_mailbox")
