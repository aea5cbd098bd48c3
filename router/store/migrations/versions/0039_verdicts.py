"""Where a subject stood when an event of it was judged: its verdict is explained by that, whatever comes after."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.add_column("outcome", sa.Column("etat", sa.Text()))
