"""Receipts: the nonce of a message, the signed heads that a receipt shows, and links found by their time."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only adds; a message of the version before has no receipt."""
    op.add_column("inbox", sa.Column("nonce", sa.LargeBinary()))
    op.create_table(
        "audit_head",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
    )
    op.create_index("audit_link_time", "audit_link", ["at"])
