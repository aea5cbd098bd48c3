"""Add the index by which a SIAO finds the demands that another SIAO proposes to transfer to it."""

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index on the few demands with a proposed transfer, by the SIAO to which they may be
    transferred."""
    op.execute(
        "CREATE INDEX subject_to_take_over ON subject ((donnees ->> 'repreneur'), changed_at) "
        "WHERE nature = 'demande' AND donnees ? 'transfert_le'"
    )
