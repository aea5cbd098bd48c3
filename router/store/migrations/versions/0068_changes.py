"""Nothing any more: 0072 makes the index of the acts that change something, and reads the audit once."""

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
