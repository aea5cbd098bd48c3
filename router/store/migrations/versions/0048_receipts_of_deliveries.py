"""Add to deliveries the data of their signed receipt: the encrypted nonce, and the lot (the file of several
deliveries)."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add to `delivery` the columns of the signed receipt. These columns stay empty for older deliveries."""
    op.execute("ALTER TABLE delivery ADD COLUMN nonce bytea, ADD COLUMN in_lot uuid")
    op.execute("CREATE INDEX delivery_lot ON delivery (in_lot) WHERE in_lot IS NOT NULL")
