"""Whose process beats, and which process holds a lane under which token: what a dead one held is taken over at once."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds; the version before writes neither, and what it claims is not taken for a claim of this one."""
    op.add_column("heartbeat", sa.Column("birth", sa.Text()))
    op.add_column("lane", sa.Column("held_by", sa.Text()))
