"""Add the table of retired API keys, which were removed from their partner's entry. Add the moments of
requests with an unknown API key."""

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table `retired_key`, and add to `heartbeat` the first and the last request with an unknown API
    key. Keys that were removed before this migration are not in `retired_key`."""
    op.execute(
        "CREATE TABLE retired_key (key text PRIMARY KEY, partner text NOT NULL, retired_at timestamptz NOT NULL, "
        "refused_since timestamptz, refused_at timestamptz)"
    )
    op.execute("CREATE INDEX retired_key_partner ON retired_key (partner, refused_at)")
    op.execute("ALTER TABLE heartbeat ADD unknown_since timestamptz, ADD unknown_last timestamptz")
