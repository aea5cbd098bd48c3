"""Which deliveries leave together, for partners who take one file for many."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds."""
    op.create_table(
        "lot_line",
        sa.Column("delivery", sa.Uuid(), primary_key=True),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("lot", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
    )
    op.create_index("lot_line_partner", "lot_line", ["partner"])
