"""A session of the console ends when nobody uses it, when the identity provider has been silent about it, and says
when its person last proved who they are."""

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A process of the version before begins sessions as before, which end when they did."""
    op.execute("""
        ALTER TABLE console_session
            ADD COLUMN ends_at timestamptz,
            ADD COLUMN proved_at timestamptz,
            ADD COLUMN vouched_at timestamptz NOT NULL DEFAULT now()
    """)
