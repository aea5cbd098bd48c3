"""Store with a numéro unique the message that gives it, while this message may still be refused."""

from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column `message` to `housing_number`: the message that gave the numéro unique, as long as it may
    still be refused. It is empty for the numéros uniques that are stored now, whose messages are accepted."""
    op.execute("ALTER TABLE housing_number ADD COLUMN message uuid")
    op.execute("CREATE INDEX housing_number_undecided ON housing_number (message) WHERE message IS NOT NULL")
