"""Add the table of the SIAO that have merged into another SIAO, each with the moment of its merger."""

from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of the SIAO that have merged into another, `succession`."""
    op.execute("""
        CREATE TABLE succession (
            siao text PRIMARY KEY,
            successeur text NOT NULL,
            at timestamptz NOT NULL DEFAULT now(),
            repris_at timestamptz
        )
    """)
