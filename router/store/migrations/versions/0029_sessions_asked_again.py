"""By what the identity provider is asked again about who is logged in to the console, and when it last was."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds. Who is logged in by the version before stays so until their session ends."""
    op.add_column("console_session", sa.Column("proof", sa.LargeBinary(), nullable=True))
    op.add_column(
        "console_session",
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    )
