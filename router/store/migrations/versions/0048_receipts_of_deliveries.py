"""Give a proven delivery a receipt: its row keeps the encrypted nonce and its lot."""

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns to `delivery` for the receipt. Deliveries of the previous version have none."""
    op.execute("ALTER TABLE delivery ADD COLUMN nonce bytea, ADD COLUMN in_lot uuid")
    op.execute("CREATE INDEX delivery_lot ON delivery (in_lot) WHERE in_lot IS NOT NULL")
