"""Index by which a SIAO finds the demands that it is asked to take over."""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on the few demands in a transfer, by the SIAO that is asked."""
    op.execute(
        "CREATE INDEX subject_to_take_over ON subject ((donnees ->> 'repreneur'), changed_at) "
        "WHERE nature = 'demande' AND donnees ? 'transfert_le'"
    )
