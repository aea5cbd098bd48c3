"""A data key says which master key wraps it; and which one wraps new ones."""

from alembic import context, op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds; and only what is not there, for keys go on where an older backup of the rest is put back beside them.
    Without a row of `wrapping_key`, the first master key that a process has wraps."""
    keys = context.config.attributes["keys_schema"]
    op.execute(f'ALTER TABLE "{keys}".holder_key ADD COLUMN IF NOT EXISTS master bytea')
    op.execute(
        f'CREATE TABLE IF NOT EXISTS "{keys}".wrapping_key '
        "(id bytea PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
    )
